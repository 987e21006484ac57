import type { Clock } from "./clock.js";

/** A deadline that can still be called off or moved. */
export interface Timer {
  cancel(): void;
  /** Asks for another time, whether the timer waits, has run or was called off. */
  moveTo(timeMs: number): void;
}

/** A place in the list of those that wait: of one of them, or that before the first. */
interface Place {
  next: Entry | null;
}

class Entry implements Timer, Place {
  readonly #timers: Timers;
  readonly run: () => void;
  timeMs = Number.POSITIVE_INFINITY;
  /** Tells those that were asked for since a tick began. */
  order = 0;
  next: Entry | null = null;

  constructor(timers: Timers, run: () => void) {
    this.#timers = timers;
    this.run = run;
  }

  cancel(): void {
    this.#timers.remove(this);
  }

  moveTo(timeMs: number): void {
    this.#timers.move(this, timeMs);
  }
}

/**
 * The deadlines of one session behind the single one that a clock keeps. There are only ever a few, so they are a linked list,
 * the earliest first; a deadline that is called off leaves its wake-up in place, which then finds nothing to do. A timer that
 * is used again and again, as by the heartbeat, leaves nothing to the collector.
 */
export class Timers implements Place {
  readonly #clock: Clock;
  /** The earliest. */
  next: Entry | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;
  #asked = 0;

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
    const timer = this.idle(run);
    timer.moveTo(timeMs);
    return timer;
  }

  /** A timer that waits for nothing yet. */
  idle(run: () => void): Timer {
    return new Entry(this, run);
  }

  move(entry: Entry, timeMs: number): void {
    this.remove(entry);
    // A time that has passed counts as now, so that who asks again within a tick comes after all who asked before it.
    entry.timeMs = Math.max(timeMs, this.#clock.now());
    entry.order = this.#asked++;
    this.#insert(entry);
    this.#arm(entry.timeMs);
  }

  /** Behind those of the same time. */
  #insert(entry: Entry): void {
    let before: Place = this;
    while (before.next !== null && before.next.timeMs <= entry.timeMs) before = before.next;
    entry.next = before.next;
    before.next = entry;
  }

  /** Takes out a deadline, if it waits. */
  remove(entry: Entry): void {
    for (let before: Place | null = this; before !== null; before = before.next) {
      if (before.next !== entry) continue;
      before.next = entry.next;
      entry.next = null;
      return;
    }
  }

  /** Runs what is due; what is asked for meanwhile comes in a later one. */
  tick(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const asked = this.#asked;
    try {
      for (let first = this.next; first !== null; first = this.next) {
        if (first.timeMs > now || first.order >= asked) break;
        this.remove(first);
        first.run();
      }
    } finally {
      if (this.next !== null) this.#arm(this.next.timeMs);
    }
  }

  clear(): void {
    this.next = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#clock.wakeAt(Number.POSITIVE_INFINITY);
  }

  #arm(timeMs: number): void {
    if (timeMs >= this.#wakeAt) return;
    this.#wakeAt = timeMs;
    this.#clock.wakeAt(timeMs);
  }
}
