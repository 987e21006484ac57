import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "./testing/index.js";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const batch = 500;

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
