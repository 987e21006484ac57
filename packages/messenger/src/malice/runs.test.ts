import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { useOneThread } from "./one-thread-crypto.test.js";
import { Simulation } from "./simulation.test.js";

// Runs simulations on a thread of its own: the test runner watches every promise of its own thread, which makes them half as fast.
// Contains no test itself.

export interface Runs {
  readonly first: number;
  readonly runs: number;
}

/** How often each trick was played and how each run went, or the seed of the run that failed and why. */
export type Outcome =
  | { readonly done: ReadonlyMap<string, number>; readonly traces: readonly string[] }
  | { readonly failed: string };

if (!isMainThread && parentPort !== null && workerData !== null) {
  useOneThread();
  parentPort.postMessage(await outcomeOf(workerData as Runs));
}

async function outcomeOf({ first, runs }: Runs): Promise<Outcome> {
  const all = new Map<string, number>();
  const traces: string[] = [];
  for (let seed = first; seed < first + runs; seed++) {
    try {
      const { done, trace } = await Simulation.run(seed);
      traces.push(trace);
      for (const [trick, times] of done) all.set(trick, (all.get(trick) ?? 0) + times);
    } catch (error) {
      return { failed: `seed ${seed}: ${(error as Error).stack}` };
    }
  }
  return { done: all, traces };
}
