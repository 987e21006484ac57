import assert from "node:assert/strict";
import { test } from "node:test";
import { CryoBuffer } from "./cryo-buffer.js";

const all = Uint8Array.from({ length: 256 }, (_, index) => index);

test("a view is the same memory, and a view of a view is itself", () => {
  const bytes = all.slice();
  const view = CryoBuffer.view(bytes.subarray(10, 20));
  bytes[10] = 99;
  assert.deepEqual([view.length, view[0], view.byteOffset], [10, 99, 10]);
  assert.equal(CryoBuffer.view(view), view);
  assert.ok(view instanceof Uint8Array && view.subarray(1) instanceof CryoBuffer);
});

test("texts are those that Node's Buffer makes", () => {
  const view = CryoBuffer.view(all);
  for (const encoding of ["hex", "base64", "latin1"] as const) {
    assert.equal(view.toString(encoding), Buffer.from(all).toString(encoding));
  }
  const text = "\uFEFFgrüße 🦊";
  assert.equal(CryoBuffer.view(new TextEncoder().encode(text)).toString(), text);
  assert.equal(CryoBuffer.view(new Uint8Array()).toString("hex"), "");
  assert.equal(CryoBuffer.view(all.slice(120, 140)).toString(), Buffer.from(all.slice(120, 140)).toString());
});

test("an encoding that is not known is refused, as Node's Buffer does", () => {
  const view = CryoBuffer.view(all);
  assert.equal(view.toString("utf-8"), Buffer.from(all).toString("utf-8"));
  for (const unknown of [16, "utf16le", "HEX", null]) {
    assert.throws(() => view.toString(unknown as never), /^TypeError: encoding must be utf8, hex, base64 or latin1$/);
  }
});

test("numbers are those that Node's Buffer reads, wherever the memory begins", () => {
  const view = CryoBuffer.view(all.subarray(100));
  const buffer = Buffer.from(all.subarray(100));
  for (const offset of [0, 1, 31, 148]) {
    assert.equal(view.readUInt8(offset), buffer.readUInt8(offset));
    assert.equal(view.readUInt16BE(offset), buffer.readUInt16BE(offset));
    assert.equal(view.readUInt32BE(offset), buffer.readUInt32BE(offset));
    assert.equal(view.readInt32BE(offset), buffer.readInt32BE(offset));
    assert.equal(view.readBigUInt64BE(offset), buffer.readBigUInt64BE(offset));
    assert.equal(view.readDoubleBE(offset), buffer.readDoubleBE(offset));
  }
  assert.throws(() => view.readUInt32BE(153), RangeError);
  assert.throws(() => view.readUInt8(-1), RangeError);
});
