import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { tellLatecomers } from "./latecomers.js";

const endless = new AbortController().signal;

/** Everything that was put off to the next turn has happened. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a listener that comes after the event is called once, on the next turn", async () => {
  const emitter = new EventEmitter();
  tellLatecomers(emitter, "ready", endless);
  let calls = 0;
  emitter.on("ready", () => {
    calls += 1;
  });
  assert.equal(calls, 0);
  await turn();
  await turn();
  assert.equal(calls, 1);
});

test("a listener of once is taken away again", async () => {
  const emitter = new EventEmitter();
  tellLatecomers(emitter, "ready", endless);
  await once(emitter, "ready");
  assert.equal(emitter.listenerCount("ready"), 0);
});

test("neither other listeners nor other events nor who has left are bothered", async () => {
  const emitter = new EventEmitter();
  const calls: string[] = [];
  emitter.on("ready", () => calls.push("before"));
  tellLatecomers(emitter, "ready", endless);
  emitter.on("other", () => calls.push("other"));
  const left = () => calls.push("left");
  emitter.on("ready", left);
  emitter.off("ready", left);
  emitter.on("ready", () => calls.push("late"));
  await turn();
  assert.deepEqual(calls, ["late"]);
});

test("a listener that throws is reported as an error", async () => {
  const emitter = new EventEmitter();
  tellLatecomers(emitter, "ready", endless);
  const failure = new Error("listener");
  emitter.on("ready", () => {
    throw failure;
  });
  const [error] = await once(emitter, "error");
  assert.equal(error, failure);
});

test("nobody is called once it was aborted", async () => {
  const emitter = new EventEmitter();
  const controller = new AbortController();
  tellLatecomers(emitter, "ready", controller.signal);
  emitter.on("ready", () => assert.fail("called"));
  controller.abort();
  emitter.on("ready", () => assert.fail("called"));
  await turn();
});
