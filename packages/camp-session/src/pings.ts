import { Deferred, rejected } from "./deferred.js";
import { AckTimeoutError, CampError } from "./errors.js";
import { pendingPingsMax, pingBucket } from "./limits.js";
import { none } from "./none.js";
import type { Timer, Timers } from "./timers.js";

/** A PING that waits for its PONG. That of the heartbeat has nobody who waits for it. */
interface Call {
  readonly sentAt: number;
  readonly deferred: Deferred<number> | null;
  readonly timer: Timer | null;
}

/** Pings in both directions: answers are paired with calls first in first out; those of the peer are answered at a bounded rate. */
export class Pings {
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  #waiting: Call[] = none;
  #tokens = pingBucket;
  #refilledAt: number;

  constructor(timers: Timers, timeoutMs: number) {
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
    this.#refilledAt = timers.now();
  }

  /** A ping of the heartbeat leaves. */
  beat(): void {
    this.#forgetOld();
    if (this.#waiting.length < pendingPingsMax) {
      this.#wait({ sentAt: this.#timers.now(), deferred: null, timer: null });
    }
  }

  /** A ping of the application leaves; the promise is that of its round-trip time. */
  call(): Promise<number> {
    this.#forgetOld();
    if (this.#waiting.length >= pendingPingsMax) {
      return rejected(new CampError("TOO_MANY_PINGS", `${pendingPingsMax} pings wait for their answer already`));
    }
    const deferred = new Deferred<number>();
    const timer = this.#timers.after(this.#timeoutMs, () => deferred.reject(this.#late));
    this.#wait({ sentAt: this.#timers.now(), deferred, timer });
    return deferred.promise;
  }

  #wait(call: Call): void {
    if (this.#waiting === none) this.#waiting = [call];
    else this.#waiting.push(call);
  }

  ponged(): void {
    this.#forgetOld();
    const call = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#waiting = none;
    call?.timer?.cancel();
    call?.deferred?.resolve(this.#timers.now() - call.sentAt);
  }

  /** A late PONG is not taken for another's, but a PING that is never answered must not take the answers of all later ones. */
  #forgetOld(): void {
    const oldestMs = this.#timers.now() - 2 * this.#timeoutMs;
    while (this.#waiting.length > 0 && this.#waiting[0]!.sentAt <= oldestMs) {
      const { timer, deferred } = this.#waiting.shift()!;
      timer?.cancel(); // which is still to come when the clock has jumped
      deferred?.reject(this.#late);
    }
  }

  get #late(): AckTimeoutError {
    return new AckTimeoutError("a ping", this.#timeoutMs);
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
      call.timer?.cancel();
      call.deferred?.reject(error);
    }
    this.#waiting = none;
  }
}
