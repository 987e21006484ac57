import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkBuffer } from "./chunk-buffer.js";
import { Random, someBytes } from "./testing/index.js";

function drain(buffer: ChunkBuffer): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let chunk = buffer.shift(); chunk !== null; chunk = buffer.shift()) out.push(chunk);
  return out;
}

test("a large chunk is handed over as it came", () => {
  const buffer = new ChunkBuffer();
  const chunk = someBytes(65_536);
  buffer.push(chunk);
  assert.equal(buffer.byteLength, 65_536);
  assert.equal(buffer.shift(), chunk);
  assert.equal(buffer.byteLength, 0);
});

test("single bytes are kept together, and what was taken does not change any more", () => {
  const buffer = new ChunkBuffer();
  for (let i = 0; i < 1000; i++) buffer.push(Uint8Array.of(i % 251));
  const first = buffer.shift()!;
  for (let i = 0; i < 1000; i++) buffer.push(Uint8Array.of(255));
  assert.deepEqual(first, someBytes(1000));
  assert.deepEqual(drain(buffer), [new Uint8Array(1000).fill(255)]);
});

test("a large chunk in a much larger memory does not keep that alive", () => {
  const buffer = new ChunkBuffer();
  buffer.push(someBytes(1 << 20).subarray(0, 100_000));
  for (const chunk of drain(buffer)) assert.ok(chunk.buffer.byteLength < 200_000);
});

test("bytes come out in order, whatever the sizes and however they are taken", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = new Random(seed);
    const buffer = new ChunkBuffer();
    const whole = someBytes(600_000);
    const out: Uint8Array[] = [];
    for (let at = 0; at < whole.byteLength; ) {
      const bytes = Math.min(random.pick([1, 10, 4095, 4096, 60_000, 70_000]), whole.byteLength - at);
      buffer.push(whole.slice(at, at + bytes));
      at += bytes;
      if (random.chance(0.4)) out.push(buffer.shift() ?? new Uint8Array(0));
    }
    out.push(...drain(buffer));
    assert.equal(buffer.byteLength, 0);
    assert.ok(Buffer.concat(out).equals(whole), `seed ${seed}`);
  }
});

test("clear forgets everything", () => {
  const buffer = new ChunkBuffer();
  buffer.push(someBytes(10));
  buffer.push(someBytes(70_000));
  buffer.push(someBytes(10));
  buffer.clear();
  assert.deepEqual([buffer.byteLength, buffer.shift()], [0, null]);
  buffer.push(someBytes(3));
  assert.deepEqual(drain(buffer), [someBytes(3)]);
});
