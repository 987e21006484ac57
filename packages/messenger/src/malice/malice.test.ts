import assert from "node:assert/strict";
import { once } from "node:events";
import { it } from "node:test";
import { Worker } from "node:worker_threads";
import type { Outcome, Runs } from "./runs.test.js";

/**
 * `MESSENGER_RUNS=5000 npm test -- messenger/dist/malice` searches longer; `MESSENGER_SEED=17 MESSENGER_RUNS=1` repeats one run.
 */
const runs = Number(process.env.MESSENGER_RUNS ?? 50);
const first = Number(process.env.MESSENGER_SEED ?? 1);
const tricks = 10;

it(`a server that lies, in ${runs} ways, reads nothing, forges nothing, swaps no key unnoticed and locks nobody out`, async (t) => {
  const worker = new Worker(new URL("./runs.test.js", import.meta.url), { workerData: { first, runs } satisfies Runs });
  const [outcome] = (await once(worker, "message")) as [Outcome];
  if ("failed" in outcome) assert.fail(outcome.failed);
  t.diagnostic([...outcome.done].map(([trick, times]) => `${trick} ${times}`).join(", "));
  if (runs >= 50) assert.equal(outcome.done.size, tricks, "a trick was never played");
});
