import type { ClockSource } from "camp-runtime";
import type { SessionEngine, SessionInputs } from "camp-session";
import { after } from "./after.js";

/** How fast a peer may send. Bursts of one second's worth pass unhindered. */
export interface Rates {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** How long a peer may go on sending faster than that, all the time slowed down by us, before its session ends. */
  readonly overrunTimeoutMs: number;
}

type Limited = Pick<SessionEngine, "holdReading" | "readOn" | "fail">;

/**
 * Stands between transport and session and keeps count (a token bucket for frames and one for bytes). A peer that overdraws one
 * is slowed down by not reading from it, until the bucket has recovered; TCP then holds up the peer. One that overdraws
 * again and again without ever letting the bucket fill up is ended.
 */
export class RateLimit implements SessionInputs {
  readonly #session: SessionInputs & Limited;
  readonly #rates: Rates;
  readonly #deadlines: ClockSource;
  readonly #now: () => number;
  #messages: number;
  #bytes: number;
  #filledMs: number;
  /** Since when the buckets were never full; null while they are. */
  #overrunSinceMs: number | null = null;
  #stopWaiting: (() => void) | null = null;

  constructor(session: SessionInputs & Limited, rates: Rates, deadlines: ClockSource) {
    const clock = deadlines.clockFor(() => {});
    this.#session = session;
    this.#rates = rates;
    this.#deadlines = deadlines;
    this.#now = () => clock.now();
    this.#messages = rates.messagesPerSecond;
    this.#bytes = rates.bytesPerSecond;
    this.#filledMs = clock.now();
  }

  received(bytes: Uint8Array): void {
    this.#take(bytes.byteLength);
    this.#session.received(bytes);
  }

  receivedText(): void {
    this.#take(0);
    this.#session.receivedText();
  }

  writable(): void {
    this.#session.writable();
  }

  tick(): void {
    this.#session.tick();
  }

  closed(code: number, reason: string): void {
    this.#stopWaiting?.();
    this.#session.closed(code, reason);
  }

  #take(bytes: number): void {
    this.#fill();
    this.#messages -= 1;
    this.#bytes -= bytes;
    if (this.#messages >= 0 && this.#bytes >= 0) return;
    const now = this.#now();
    this.#overrunSinceMs ??= now;
    if (now - this.#overrunSinceMs >= this.#rates.overrunTimeoutMs) {
      this.#session.fail(4002, "sends faster than it may");
    } else if (this.#stopWaiting === null) this.#slowDown();
  }

  #fill(): void {
    const { messagesPerSecond, bytesPerSecond } = this.#rates;
    const now = this.#now();
    const seconds = (now - this.#filledMs) / 1000;
    this.#filledMs = now;
    this.#messages = Math.min(messagesPerSecond, this.#messages + seconds * messagesPerSecond);
    this.#bytes = Math.min(bytesPerSecond, this.#bytes + seconds * bytesPerSecond);
    if (this.#messages === messagesPerSecond && this.#bytes === bytesPerSecond) this.#overrunSinceMs = null;
  }

  #slowDown(): void {
    const { messagesPerSecond, bytesPerSecond } = this.#rates;
    const recoveryMs = Math.max(-this.#messages / messagesPerSecond, -this.#bytes / bytesPerSecond) * 1000;
    this.#session.holdReading();
    this.#stopWaiting = after(this.#deadlines, Math.ceil(recoveryMs), () => {
      this.#stopWaiting = null;
      this.#session.readOn();
    });
  }
}
