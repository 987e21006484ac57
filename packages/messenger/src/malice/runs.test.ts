import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { Simulation } from "./simulation.test.js";

// Runs simulations on a thread of its own: the test runner watches every promise of its own thread, which makes them half as fast.
// Contains no test itself.

export interface Runs {
  readonly first: number;
  readonly runs: number;
}

/** How often each trick was played, or the seed of the run that failed and why. */
export type Outcome = { readonly done: ReadonlyMap<string, number> } | { readonly failed: string };

if (!isMainThread && parentPort !== null && workerData !== null) {
  parentPort.postMessage(await outcomeOf(workerData as Runs));
}

async function outcomeOf({ first, runs }: Runs): Promise<Outcome> {
  const done = new Map<string, number>();
  for (let seed = first; seed < first + runs; seed++) {
    try {
      for (const [trick, times] of await Simulation.run(seed)) done.set(trick, (done.get(trick) ?? 0) + times);
    } catch (error) {
      return { failed: `seed ${seed}: ${(error as Error).stack}` };
    }
  }
  return { done };
}
