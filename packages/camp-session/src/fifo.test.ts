import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Fifo } from "./fifo.js";

test("items leave in the order in which they came, however many", () => {
  const fifo = new Fifo<number>();
  const out: (number | undefined)[] = [];
  for (let i = 0; i < 5000; i++) {
    fifo.push(i);
    if (i % 3 === 2) out.push(fifo.shift());
  }
  while (fifo.length > 0) out.push(fifo.shift());
  assert.deepEqual(
    out,
    Array.from({ length: 5000 }, (_, i) => i),
  );
  assert.deepEqual([fifo.shift(), fifo.first, fifo.length], [undefined, undefined, 0]);
});

test("the first item can be looked at and replaced", () => {
  const fifo = new Fifo<string>();
  fifo.push("a");
  fifo.push("b");
  fifo.replaceFirst("A");
  assert.equal(fifo.first, "A");
  assert.deepEqual(fifo.drain(), ["A", "b"]);
  assert.equal(fifo.length, 0);
});

test("an item that was taken is not kept alive by those behind it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const fifo = new Fifo<object>();
  const taken = ((): WeakRef<object> => {
    const item = {};
    fifo.push(item);
    fifo.push({});
    fifo.shift();
    return new WeakRef(item);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  assert.equal(taken.deref(), undefined);
  assert.equal(fifo.length, 1);
});
