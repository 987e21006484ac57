import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "./testing/index.js";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const runs = 10_000;
const batch = 1000;

for (let first = 1; first <= runs; first += batch) {
  test(`seeds ${first} to ${first + batch - 1} keep every invariant`, async () => {
    for (let seed = first; seed < first + batch; seed++) {
      const { faults } = await simulate(seed, settle);
      assert.deepEqual(faults, [], `replay with: npm run simulate -- --seed ${seed}`);
    }
  });
}
