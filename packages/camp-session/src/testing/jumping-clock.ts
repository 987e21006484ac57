import type { VirtualTime } from "mock-websocket/network";
import type { Clock } from "../clock.js";

/** A clock that can jump ahead, as one does on a machine that slept: every deadline that was passed over is due at once. */
export class JumpingClock implements Clock {
  readonly #inner: Clock;
  #aheadMs = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(time: VirtualTime, tick: () => void) {
    this.#inner = time.clock(tick);
  }

  now(): number {
    return this.#inner.now() + this.#aheadMs;
  }

  wakeAt(timeMs: number): void {
    this.#wakeAtMs = timeMs;
    this.#inner.wakeAt(timeMs - this.#aheadMs);
  }

  jump(ms: number): void {
    this.#aheadMs += ms;
    this.wakeAt(this.#wakeAtMs);
  }
}
