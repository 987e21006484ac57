import { unknownFramesMax } from "./limits.js";
import type { Timers } from "./timers.js";

const windowMs = 60_000;

/** Counts frames of unknown type: newer peers may send a few, a broken one sends many (camp-v1.md section 8, rules 14). */
export class UnknownFrames {
  readonly #timers: Timers;
  #times: number[] = [];

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** One more arrived. Returns whether there were too many within a minute. */
  tooMany(): boolean {
    const now = this.#timers.now();
    this.#times = this.#times.filter((time) => now - time < windowMs);
    this.#times.push(now);
    return this.#times.length > unknownFramesMax;
  }
}
