import type { TurnHost } from "./timers.js";

interface Timer {
  readonly timeMs: number;
  readonly callback: () => void;
}

/** Time for tests: stands still until it is told to pass. Shared by the tests of this folder; contains none itself. */
export class VirtualTime implements TurnHost {
  #nowMs = 0;
  /** In the order in which they were set, which is also that of timers due at the same time. */
  readonly #timers = new Set<Timer>();
  #turns: (() => void)[] = [];

  /** Timers that were set and neither fired nor were cleared. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { timeMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  defer(callback: () => void): void {
    this.#turns.push(callback);
  }

  /** Time passes inside a callback, as it does when there is much to do. */
  spend(ms: number): void {
    this.#nowMs += ms;
  }

  /** Runs what was deferred so far, once. */
  turn(): void {
    const turns = this.#turns;
    this.#turns = [];
    for (const callback of turns) callback();
  }

  /** Lets `ms` pass, firing timers on the way, with all promises settled in between. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      this.turn();
      const next = this.#earliest();
      if (next === undefined || next.timeMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.timeMs);
      next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
    await settled();
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) if (earliest === undefined || timer.timeMs < earliest.timeMs) earliest = timer;
    return earliest;
  }
}

/** Resolves when every promise that can settle by itself has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
