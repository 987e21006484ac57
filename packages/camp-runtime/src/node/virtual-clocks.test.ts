import type { ClockSource } from "camp-runtime";

/** Clocks for tests: time stands still until it is told to pass. Shared by the tests of this folder; contains none itself. */
export class VirtualClocks implements ClockSource {
  #nowMs = 0;
  readonly #wanted = new Map<() => void, number>();

  /** Clocks that wait for something. */
  get pending(): number {
    return this.#wanted.size;
  }

  clockFor(tick: () => void) {
    const own = () => tick();
    return {
      now: () => this.#nowMs,
      wakeAt: (timeMs: number) => {
        if (timeMs === Number.POSITIVE_INFINITY) this.#wanted.delete(own);
        else this.#wanted.set(own, timeMs);
      },
      dispose: () => {
        this.#wanted.delete(own);
      },
    };
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [tick, timeMs] of [...this.#wanted]) {
      if (timeMs > this.#nowMs) continue;
      this.#wanted.delete(tick);
      tick();
    }
  }
}
