import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { afterEach, test } from "node:test";
import { publish, reportFailure } from "./emitter.js";

interface SampleEvents {
  sample: [value: number];
  error: [error: Error];
}

const fault = new Error("a listener failed");

/** The next uncaught exception, which would end a process without a test in it. */
async function uncaught(): Promise<unknown> {
  const runners = process.rawListeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  restore = () => {
    for (const runner of runners) process.on("uncaughtException", runner as NodeJS.UncaughtExceptionListener);
  };
  const [error] = await once(process, "uncaughtException");
  return error;
}

let restore = () => {};
afterEach(() => {
  restore();
  restore = () => {};
});

test("publish tells whether anybody listened and passes the arguments on", () => {
  const emitter = new EventEmitter<SampleEvents>();
  assert.equal(publish(emitter, "sample", 1), false);
  const heard: number[] = [];
  emitter.on("sample", (value) => heard.push(value));
  emitter.once("sample", function (this: unknown, value) {
    assert.equal(this, emitter);
    heard.push(-value);
  });
  assert.equal(publish(emitter, "sample", 2), true);
  publish(emitter, "sample", 3);
  assert.deepEqual(heard, [2, -2, 3]);
});

test("a listener that throws is reported as error, and the next one still gets its turn", () => {
  const emitter = new EventEmitter<SampleEvents>();
  const heard: unknown[] = [];
  emitter.on("error", (error) => heard.push(error));
  emitter.on("sample", () => {
    throw fault;
  });
  emitter.on("sample", (value) => heard.push(value));
  publish(emitter, "sample", 1);
  assert.deepEqual(heard, [fault, 1]);
});

test("a listener whose promise rejects is reported as error", async () => {
  const emitter = new EventEmitter<SampleEvents>();
  emitter.on("sample", () => Promise.reject(fault));
  const told = new Promise((resolve) => emitter.on("error", resolve));
  publish(emitter, "sample", 1);
  assert.equal(await told, fault);
});

test("without an error listener a throwing listener is an uncaught exception", async () => {
  const emitter = new EventEmitter<SampleEvents>();
  emitter.on("sample", () => {
    throw fault;
  });
  const raised = uncaught();
  publish(emitter, "sample", 1);
  assert.equal(await raised, fault);
});

test("without an error listener a rejecting listener is an uncaught exception", async () => {
  const emitter = new EventEmitter<SampleEvents>();
  emitter.on("sample", () => Promise.reject(fault));
  const raised = uncaught();
  publish(emitter, "sample", 1);
  assert.equal(await raised, fault);
});

test("an error listener that fails has nobody else to tell", async () => {
  const emitter = new EventEmitter<SampleEvents>();
  const heard: unknown[] = [];
  emitter.on("error", () => Promise.reject(fault));
  emitter.on("error", (error) => heard.push(error));
  const raised = uncaught();
  const first = new Error("first");
  reportFailure(emitter as EventEmitter, first);
  assert.equal(await raised, fault);
  assert.deepEqual(heard, [first]);
});

test("error is emitted to listeners only", () => {
  const emitter = new EventEmitter<SampleEvents>();
  assert.equal(publish(emitter, "error", fault), false);
});
