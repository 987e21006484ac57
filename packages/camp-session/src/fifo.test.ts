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

test("an item anywhere can be looked at, replaced and taken out", () => {
  const fifo = new Fifo<string>();
  for (const item of "0abcd") fifo.push(item);
  fifo.shift();
  fifo.replace(0, "A");
  assert.deepEqual([fifo.first, fifo.at(1), fifo.at(4)], ["A", "b", undefined]);
  fifo.remove(1);
  assert.deepEqual([fifo.at(1), fifo.length], ["c", 3]);
  assert.deepEqual(fifo.drain(), ["A", "c", "d"]);
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
