/** How far a benchmark has come, and how long the rest will take if it goes on like this. */
export class Progress {
  #begin = performance.now();
  #runs = 0;
  #runsInAll;

  /** @param {{workload: {systems: object}, rounds: number}[]} plans */
  constructor(plans) {
    this.#runsInAll = plans.reduce(
      (sum, { workload, rounds }) => sum + rounds * Object.keys(workload.systems).length,
      0,
    );
  }

  /** One more run is done. */
  step() {
    this.#runs++;
    const perRunMs = (performance.now() - this.#begin) / this.#runs;
    const minutes = Math.ceil((perRunMs * (this.#runsInAll - this.#runs)) / 60_000);
    return `[${String(this.#runs).padStart(String(this.#runsInAll).length)}/${this.#runsInAll}, ${minutes} min left]`;
  }
}
