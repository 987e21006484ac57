import assert from "node:assert/strict";
import { test } from "node:test";
import { ownedBuffer } from "./buffers.js";

test("a view that fills half of what was read is handed over as it is, a smaller one is copied", () => {
  const read = new Uint8Array(32_768).fill(7);
  assert.equal(ownedBuffer(read.subarray(17, 17 + 16_384)).buffer, read.buffer);
  const copied = ownedBuffer(read.subarray(17, 17 + 16_383));
  assert.notEqual(copied.buffer, read.buffer);
  assert.deepEqual(copied, Buffer.alloc(16_383, 7));
});
