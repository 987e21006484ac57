import { AckTimeoutError } from "./errors.js";
import type { Ledger } from "./ledger.js";
import type { Timer, Timers } from "./timers.js";

/** Told when acks that were waited for never came. */
export interface AckClockOwner {
  acksExpired(): void;
}

/** Settles the frames that were not acknowledged in time (rules 9), with one wake-up at a time for all of them. */
export class AckClock {
  readonly #ledger: Ledger;
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  readonly #owner: AckClockOwner;
  #timer: Timer | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;
  #timeouts = 0;
  #timeoutsTold = 0;

  constructor(ledger: Ledger, timers: Timers, timeoutMs: number, owner: AckClockOwner) {
    this.#ledger = ledger;
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
    this.#owner = owner;
  }

  /** Messages that ran out of time so far. */
  get timeouts(): number {
    return this.#timeouts;
  }

  /** Those since this was asked last. */
  takeTimeouts(): number {
    const fresh = this.#timeouts - this.#timeoutsTold;
    this.#timeoutsTold = this.#timeouts;
    return fresh;
  }

  /** All bytes up to `position` have left the transport. */
  flushedTo(position: number): void {
    if (this.#ledger.flushedTo(position, this.#timers.now())) this.#arm();
  }

  /** The clocks stand still while this end does not read: the ACKs may lie there. */
  readingChanged(paused: boolean): void {
    const now = this.#timers.now();
    if (paused) this.#ledger.stopClock(now);
    else this.#ledger.startClock(now);
    this.#arm();
  }

  /** The wake-up may come early; it then finds nothing and asks again. */
  #arm(): void {
    const deadline = this.#ledger.deadline(this.#timeoutMs);
    if (deadline >= this.#wakeAt) return;
    this.#timer?.cancel();
    this.#wakeAt = deadline;
    this.#timer = this.#timers.at(deadline, () => this.#wake());
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    for (const frame of this.#ledger.expire(this.#timeoutMs, this.#timers.now())) {
      if (frame.expiry === "reject") this.#timeouts++;
      frame.settle(new AckTimeoutError("a message", this.#timeoutMs));
    }
    this.#arm();
    this.#owner.acksExpired();
  }
}
