import assert from "node:assert/strict";
import { test } from "node:test";
import { PayloadKeeper, payloadKeeper } from "./payload-keeper.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("the same bytes are copied once in a turn, changed ones again", () => {
  const { keep } = new PayloadKeeper();
  const bytes = new Uint8Array(10_000);
  const kept = keep(bytes)!;
  assert.notEqual(kept.buffer, bytes.buffer);
  assert.equal(keep(bytes), kept);
  assert.equal(keep(new Uint8Array(10_000)), kept);
  bytes[9999] = 1;
  assert.deepEqual([keep(bytes)!.at(-1), kept.at(-1)], [1, 0]);
  assert.equal(keep(new Uint8Array(9999))!.length, 9999);
});

test("a text is encoded once in a turn", () => {
  const { keep } = new PayloadKeeper();
  const kept = keep("ü".repeat(5000))!;
  assert.deepEqual(kept, Buffer.from("ü".repeat(5000)));
  assert.equal(keep("ü".repeat(5000)), kept);
  assert.notEqual(keep("u".repeat(10_000)), kept);
});

test("a lone surrogate becomes U+FFFD, as in any other frame", () => {
  const kept = new PayloadKeeper().keep(`\ud800${"x".repeat(5000)}`)!;
  assert.equal(Buffer.from(kept).toString().slice(0, 2), "\ufffdx");
});

test("nothing is held beyond the turn", async () => {
  const { keep } = new PayloadKeeper();
  const kept = keep(new Uint8Array(10_000));
  await turn();
  assert.notEqual(keep(new Uint8Array(10_000)), kept);
});

test("what is small, or too large for a message, is not kept", () => {
  const { keep } = new PayloadKeeper();
  for (const length of [0, 4095, (1 << 20) + 1]) {
    assert.equal(keep(new Uint8Array(length)), null);
    assert.equal(keep("x".repeat(length)), null);
  }
  assert.equal(keep(new Uint8Array(4096))?.length, 4096);
  assert.equal(keep(new Uint8Array(1 << 20))?.length, 1 << 20);
});

test("sessions of clients keep nothing apart", () => {
  assert.equal(payloadKeeper("client"), undefined);
  assert.equal(typeof payloadKeeper("server"), "function");
});
