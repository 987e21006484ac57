import type { Clock } from "./clock.js";

/** A deadline that can still be called off. */
export interface Timer {
  cancel(): void;
}

interface Entry extends Timer {
  readonly timeMs: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * The deadlines of one session behind the single one that a clock keeps. There are only ever a few, so they lie in a plain
 * list; a deadline that is called off leaves its wake-up in place, which then finds nothing to do.
 */
export class Timers {
  readonly #clock: Clock;
  #entries: Entry[] = [];
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
    const entry: Entry = {
      timeMs,
      run,
      cancelled: false,
      cancel: () => {
        entry.cancelled = true;
        const index = this.#entries.indexOf(entry);
        if (index >= 0) this.#entries.splice(index, 1);
      },
    };
    this.#entries.push(entry);
    this.#arm(timeMs);
    return entry;
  }

  tick(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const due = this.#entries.filter((entry) => entry.timeMs <= now).sort((a, b) => a.timeMs - b.timeMs);
    this.#entries = this.#entries.filter((entry) => entry.timeMs > now);
    for (const entry of this.#entries) this.#arm(entry.timeMs);
    for (const entry of due) if (!entry.cancelled) entry.run();
  }

  clear(): void {
    for (const entry of this.#entries) entry.cancelled = true;
    this.#entries = [];
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#clock.wakeAt(Number.POSITIVE_INFINITY);
  }

  #arm(timeMs: number): void {
    if (timeMs >= this.#wakeAt) return;
    this.#wakeAt = timeMs;
    this.#clock.wakeAt(timeMs);
  }
}
