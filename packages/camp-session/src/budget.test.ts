import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferBudget } from "./budget.js";
import { frames, ManualStage, watch } from "./testing/index.js";

// The memory of a whole server: rules 26.

const kib = 1024;
const mib = 1 << 20;

test("a session counts what it holds for its peer until it left and was acknowledged", async () => {
  const budget = new BufferBudget(100 * mib, () => {});
  const stage = new ManualStage({ budget });
  assert.equal(budget.usedBytes, 0);
  void stage.session.send("binary", new Uint8Array(1000));
  assert.equal(budget.usedBytes, 1013);
  stage.flush();
  assert.equal(budget.usedBytes, 1013);
  stage.give(frames.ack(1));
  assert.equal(budget.usedBytes, 0);
});

test("what waits in the queue counts as well, and everything is given back at the end", () => {
  const budget = new BufferBudget(100 * mib, () => {});
  const stage = new ManualStage({ budget });
  for (let i = 0; i < 20; i++) void stage.session.send("binary", new Uint8Array(mib - 13));
  assert.equal(budget.usedBytes, 20 * mib);
  stage.session.destroy();
  assert.equal(budget.usedBytes, 0);
});

test("while the budget is exceeded the high mark is 1 MiB and the queue holds 256 KiB", async () => {
  const budget = new BufferBudget(mib, () => {});
  const stage = new ManualStage({ budget });
  budget.add(mib + 1);
  for (let i = 0; i < 3; i++) void stage.session.send("binary", new Uint8Array(512 * kib));
  assert.equal(stage.taken().length, 2);
  assert.equal(stage.session.stats.droppedFrames, 1);
  void stage.session.send("binary", new Uint8Array(200 * kib));
  const small = watch(stage.session.send("binary", new Uint8Array(100 * kib)));
  assert.equal(stage.session.stats.droppedFrames, 2);
  assert.equal(stage.session.stats.queuedFrames, 1);
  assert.equal(small.state, "pending");
});

test("the usual limits hold again once the budget is kept", () => {
  const budget = new BufferBudget(mib, () => {});
  const stage = new ManualStage({ budget });
  budget.add(mib + 1);
  budget.add(-mib - 1);
  for (let i = 0; i < 3; i++) void stage.session.send("binary", new Uint8Array(512 * kib));
  assert.equal(stage.session.stats.droppedFrames, 0);
});

test("past twice the budget the owner is asked to end a session", () => {
  let overflows = 0;
  const budget = new BufferBudget(1000, () => overflows++);
  budget.add(2000);
  assert.deepEqual([budget.exceeded, overflows], [true, 0]);
  budget.add(1);
  assert.equal(overflows, 1);
});

test("a session that the owner ends closes with its code, without BYE", () => {
  const stage = new ManualStage();
  stage.session.fail(4002, "holds too much");
  assert.deepEqual(stage.transport.closedWith, { code: 4002, reason: "holds too much" });
  assert.deepEqual(stage.taken(), []);
  assert.deepEqual(stage.end.log.slice(-1), ["closed 4002 holds too much"]);
});
