import assert from "node:assert/strict";
import { once } from "node:events";
import { it } from "node:test";
import { Worker } from "node:worker_threads";
import { swapPlaces } from "./malicious-server.test.js";
import type { Outcome, Runs } from "./runs.test.js";

/**
 * `MESSENGER_RUNS=5000 npm test -- messenger/dist/malice` searches longer; `MESSENGER_SEED=17 MESSENGER_RUNS=1` repeats one run.
 */
const runs = Number(process.env.MESSENGER_RUNS ?? 160);
const first = Number(process.env.MESSENGER_SEED ?? 1);
const tricks = ["drop", "twice", "replay", "reflect", "forge", "answer", "flip", "mix", "cut"];

async function outcomeOf(workerData: Runs) {
  const worker = new Worker(new URL("./runs.test.js", import.meta.url), { workerData });
  const [outcome] = (await once(worker, "message")) as [Outcome];
  return "failed" in outcome ? assert.fail(outcome.failed) : outcome;
}

it(`a server that lies, in ${runs} ways, reads nothing, forges nothing, swaps no key unnoticed and locks nobody out`, async (t) => {
  const { done, traces } = await outcomeOf({ first, runs });
  t.diagnostic([...done].map(([trick, times]) => `${trick} ${times}`).join(", "));
  if (runs >= 100) {
    const swaps = swapPlaces.map((place) => `swap: ${place}`);
    assert.deepEqual([...done.keys()].sort(), [...tricks, ...swaps].sort(), "a trick was never played");
  }
  const some = Math.min(runs, 5);
  const again = await outcomeOf({ first, runs: some });
  assert.deepEqual(again.traces, traces.slice(0, some), "the same seed is not the same run");
});
