import assert from "node:assert/strict";
import { test } from "node:test";
import { ownedBuffer } from "./buffers.js";

test("a payload whose frame fills half of what was read is handed over as it is, a smaller one is copied", () => {
  const read = new Uint8Array(2 * (4 + 13 + 16_384));
  const half = new Uint8Array(read.buffer, 4 + 13, 16_384);
  assert.equal(ownedBuffer(half).buffer, read.buffer);
  const less = new Uint8Array(read.buffer, 4 + 13, 16_300).fill(7);
  const copied = ownedBuffer(less);
  assert.notEqual(copied.buffer, read.buffer);
  assert.deepEqual(copied, Buffer.alloc(16_300, 7));
});
