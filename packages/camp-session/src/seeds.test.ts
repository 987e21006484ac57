import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "./testing/index.js";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const batch = 500;
// Ends with an error are what it is about: noting for each where it was made took an eighth of the time, and nobody reads it.
Error.stackTraceLimit = 0;

/** Tests for `runs` seeds from `first` on. Several files share the ten thousand, so that they run side by side. */
export function testSeeds(first: number, runs: number): void {
  for (let from = first; from < first + runs; from += batch) {
    test(`seeds ${from} to ${from + batch - 1} keep every invariant`, async () => {
      for (let seed = from; seed < from + batch; seed++) {
        const { faults } = await simulate(seed, settle);
        assert.deepEqual(faults, [], `replay with: npm run simulate -- --seed ${seed}`);
      }
    });
  }
}
