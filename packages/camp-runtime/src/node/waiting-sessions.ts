import type { Engine } from "./dialect.js";

/** The sessions of a server that wait for their clients after a cut: a bounded number, of which the oldest makes room. */
export class WaitingSessions {
  readonly #countMax: number;
  readonly #engines = new Set<Engine>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#engines.size;
  }

  add(engine: Engine): void {
    this.#engines.add(engine);
    if (this.#engines.size <= this.#countMax) return;
    const [oldest] = this.#engines;
    this.remove(oldest!);
    oldest!.fail(1006, "too many sessions wait for their clients");
  }

  remove(engine: Engine): void {
    this.#engines.delete(engine);
  }
}
