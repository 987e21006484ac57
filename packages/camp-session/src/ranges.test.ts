import assert from "node:assert/strict";
import { test } from "node:test";
import { RangeSet } from "./ranges.js";
import { Random } from "./testing/index.js";

function set(...ranges: [bigint, bigint][]): RangeSet {
  const made = new RangeSet();
  for (const [start, end] of ranges) made.add(start, end);
  return made;
}

test("a set without ranges has one hole, the whole", () => {
  assert.deepEqual(set().holes(10n), [[0n, 10n]]);
  assert.deepEqual(set().holes(0n), []);
});

test("ranges that touch or overlap become one", () => {
  assert.equal(set([0n, 5n], [5n, 10n]).pieces, 1);
  assert.equal(set([0n, 5n], [7n, 10n], [4n, 8n]).pieces, 1);
  assert.equal(set([0n, 5n], [6n, 10n]).pieces, 2);
});

test("holes lie before, between and behind the ranges", () => {
  assert.deepEqual(set([2n, 4n], [6n, 8n]).holes(10n), [
    [0n, 2n],
    [4n, 6n],
    [8n, 10n],
  ]);
});

test("an empty range adds nothing", () => {
  assert.equal(set([5n, 5n]).pieces, 0);
  assert.equal(set([7n, 5n]).pieces, 0);
});

test("bounds beyond 2^53 are exact", () => {
  const far = (1n << 60n) + 1n;
  assert.deepEqual(set([0n, far], [far + 1n, far + 2n]).holes(far + 2n), [[far, far + 1n]]);
});

test("it agrees with a bitmap on random ranges", () => {
  const size = 60;
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed);
    const ranges = new RangeSet();
    const bits = new Array<boolean>(size).fill(false);
    for (let i = 0; i < 12; i++) {
      const start = random.integer(0, size - 1);
      const end = random.integer(start, Math.min(size, start + 9));
      ranges.add(BigInt(start), BigInt(end));
      bits.fill(true, start, end);
    }
    const missing = bits.flatMap((bit, index) => (bit ? [] : [index]));
    const holes = ranges.holes(BigInt(size));
    const listed = holes.flatMap(([start, end]) =>
      Array.from({ length: Number(end - start) }, (_, index) => Number(start) + index),
    );
    assert.deepEqual(listed, missing, `seed ${seed}`);
  }
});
