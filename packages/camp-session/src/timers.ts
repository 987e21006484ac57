import type { Clock } from "./clock.js";
import { none } from "./none.js";

/** A deadline that can still be called off. */
export interface Timer {
  cancel(): void;
}

class Entry implements Timer {
  readonly #timers: Timers;
  readonly timeMs: number;
  readonly run: () => void;
  cancelled = false;

  constructor(timers: Timers, timeMs: number, run: () => void) {
    this.#timers = timers;
    this.timeMs = timeMs;
    this.run = run;
  }

  cancel(): void {
    this.cancelled = true;
    this.#timers.remove(this);
  }
}

/** Filters; what `filter` makes keeps room for 17. */
function those(entries: readonly Entry[], chosen: (entry: Entry) => boolean): readonly Entry[] {
  const rest = entries.filter(chosen);
  return rest.length === 0 ? none : rest.slice();
}

/**
 * The deadlines of one session behind the single one that a clock keeps. There are only ever a few, so they lie in a plain
 * list; a deadline that is called off leaves its wake-up in place, which then finds nothing to do.
 */
export class Timers {
  readonly #clock: Clock;
  #entries: readonly Entry[] = none;
  /** Those of the tick that runs, so that `clear` reaches them too. */
  #due: readonly Entry[] = none;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, run: () => void): Timer {
    return this.at(this.#clock.now() + delayMs, run);
  }

  at(timeMs: number, run: () => void): Timer {
    const entry = new Entry(this, timeMs, run);
    this.#entries = [...this.#entries, entry]; // an array that is pushed to keeps room for 17
    this.#arm(timeMs);
    return entry;
  }

  /** Takes out a deadline that was called off. */
  remove(entry: Entry): void {
    this.#entries = those(this.#entries, (other) => other !== entry);
  }

  tick(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const due = this.#entries.filter((entry) => entry.timeMs <= now).sort((a, b) => a.timeMs - b.timeMs);
    this.#entries = those(this.#entries, (entry) => entry.timeMs > now);
    for (const entry of this.#entries) this.#arm(entry.timeMs);
    this.#due = due;
    for (const entry of due) if (!entry.cancelled) entry.run();
    this.#due = none;
  }

  clear(): void {
    for (const entry of [...this.#entries, ...this.#due]) entry.cancelled = true;
    this.#entries = none;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#clock.wakeAt(Number.POSITIVE_INFINITY);
  }

  #arm(timeMs: number): void {
    if (timeMs >= this.#wakeAt) return;
    this.#wakeAt = timeMs;
    this.#clock.wakeAt(timeMs);
  }
}
