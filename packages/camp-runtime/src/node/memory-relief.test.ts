import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeEngine } from "./fake-engine.test.js";
import { createBudget } from "./memory-relief.js";

const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve));

function setUp() {
  const engines = [new FakeEngine(), new FakeEngine(), new FakeEngine()];
  const budget = createBudget(100, () => engines);
  const failed = () => engines.map(({ failures }) => failures.length);
  return { engines, budget, failed };
}

describe("the memory of a server's sessions", () => {
  test("past twice the limit costs the session that holds most", async () => {
    const { engines, budget, failed } = setUp();
    engines[0]!.heldBytes = 80;
    engines[1]!.heldBytes = 120;
    budget.add(201);
    assert.deepEqual(failed(), [0, 0, 0]); // not while the session is in the middle of something
    await nextTick();
    assert.deepEqual(failed(), [0, 1, 0]);
    assert.match(engines[1]!.failures[0]!, /^4002 /);
  });

  test("up to twice the limit costs nobody", async () => {
    const { budget, failed } = setUp();
    budget.add(200);
    await nextTick();
    assert.deepEqual(failed(), [0, 0, 0]);
  });

  test("costs nobody if it was free again in the same turn", async () => {
    const { budget, failed } = setUp();
    budget.add(500);
    budget.add(-400);
    await nextTick();
    assert.deepEqual(failed(), [0, 0, 0]);
  });
});
