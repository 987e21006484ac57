import { Deferred, rejected } from "./deferred.js";
import { AckTimeoutError, CampError } from "./errors.js";
import { pendingPingsMax, pingBucket } from "./limits.js";
import type { Timer, Timers } from "./timers.js";

interface Call {
  readonly sentAt: number;
  readonly deferred: Deferred<number>;
  timer: Timer | null;
}

/** Pings in both directions: answers are paired with calls first in first out; those of the peer are answered at a bounded rate. */
export class Pings {
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  /** A call of the application, or null for a ping of the heartbeat. */
  #waiting: (Call | null)[] = [];
  #tokens = pingBucket;
  #refilledAt: number;

  constructor(timers: Timers, timeoutMs: number) {
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
    this.#refilledAt = timers.now();
  }

  /** A ping of the heartbeat leaves. */
  beat(): void {
    if (this.#waiting.length < pendingPingsMax) this.#waiting.push(null);
  }

  /** A ping of the application leaves; the promise is that of its round-trip time. */
  call(): Promise<number> {
    if (this.#waiting.length >= pendingPingsMax) {
      return rejected(new CampError("TOO_MANY_PINGS", `${pendingPingsMax} pings wait for their answer already`));
    }
    const call: Call = { sentAt: this.#timers.now(), deferred: new Deferred(), timer: null };
    call.timer = this.#timers.after(this.#timeoutMs, () => {
      call.deferred.reject(new AckTimeoutError("a ping", this.#timeoutMs));
    });
    this.#waiting.push(call);
    return call.deferred.promise;
  }

  ponged(): void {
    const call = this.#waiting.shift();
    if (!call) return;
    call.timer?.cancel();
    call.deferred.resolve(this.#timers.now() - call.sentAt);
  }

  /** Whether the peer's ping may be answered: ten at once, one more a second (rules 14). */
  mayAnswer(): boolean {
    const now = this.#timers.now();
    this.#tokens = Math.min(pingBucket, this.#tokens + (now - this.#refilledAt) / 1000);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** The connection is gone: nobody will answer. */
  fail(error: Error): void {
    for (const call of this.#waiting) {
      call?.timer?.cancel();
      call?.deferred.reject(error);
    }
    this.#waiting = [];
  }
}
