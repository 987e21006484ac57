import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CALE_MAX_RECORD,
  CALE_MIN_RECORD_BYTES,
  CALE_OVERHEAD_BYTES,
  CRYO_HEADER_BYTES,
  CRYO_MAX_PAYLOAD,
  type CryoFrame,
  CryoFrameEncoder,
  caleBindingInput,
  decode,
  encode,
  isTakenForPlain,
  readCaleCounter,
  splitCaleKeys,
  stampCryoAck,
  writeCaleIv,
} from "./index.js";

const sid = "01234567-89ab-4cde-8f01-23456789abcd";
const encoder = new CryoFrameEncoder(sid);

test("every frame of an encoder leaves its number open, and any number up to 2^32-1 can be stamped", () => {
  for (const frame of [encoder.ping(), encoder.utf8("x"), encoder.serverHello(new Uint8Array(65))]) {
    assert.equal(decode(frame).ack, 0);
    for (const n of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      stampCryoAck(frame, n);
      assert.equal(decode(frame).ack, n);
    }
    for (const n of [-1, 0.5, 2 ** 32, Number.NaN]) assert.throws(() => stampCryoAck(frame, n), RangeError);
  }
});

test("a short frame after a longer text begins with a clean header", () => {
  for (let i = 0; i < 200; i++) {
    encoder.utf8("\uffff".repeat(i % 40));
    assert.deepEqual(decode(encoder.utf8("a")), { type: "utf8data", sid, ack: 0, payload: "a" });
  }
});

test("payloads over 1 MiB are refused with their size", () => {
  const over = CRYO_MAX_PAYLOAD + 1;
  const error = { name: "CryoProtocolError", code: "TOO_LARGE", message: `payload of ${over} bytes exceeds 1048576` };
  assert.throws(() => encoder.binary(new Uint8Array(over)), error);
  assert.throws(() => encoder.utf8("x".repeat(over)), error);
  assert.throws(() => encoder.error("é".repeat(over / 2 + 0.5)), { code: "TOO_LARGE" });
  assert.equal(encoder.utf8("x".repeat(CRYO_MAX_PAYLOAD)).length, CRYO_MAX_PAYLOAD + CRYO_HEADER_BYTES);
});

test("a key of another length than 65 bytes is the caller's mistake", () => {
  for (const length of [0, 33, 64, 66]) {
    assert.throws(() => encoder.serverHello(new Uint8Array(length)), RangeError);
    assert.throws(() => encoder.clientHello(new Uint8Array(length)), RangeError);
  }
});

test("binary copies its payload", () => {
  const payload = Uint8Array.of(1);
  const frame = encoder.binary(payload);
  payload[0] = 2;
  assert.equal(frame.at(-1), 1);
});

test("a message is its head and its payload", () => {
  const payload = new TextEncoder().encode("payload");
  for (const kind of ["binary", "utf8", "error"] as const) {
    const frame = kind === "binary" ? encoder.binary(payload) : encoder[kind]("payload");
    assert.deepEqual(Uint8Array.of(...encoder.messageHead(kind, payload.length), ...payload), frame);
  }
  assert.throws(() => encoder.messageHead("utf8", CRYO_MAX_PAYLOAD + 1), { code: "TOO_LARGE" });
});

test("a frame of no type at all is a TypeError", () => {
  assert.throws(() => encode({ type: "nonsense", sid, ack: 0 } as unknown as CryoFrame), TypeError);
});

test("the limits of records follow from those of frames", () => {
  assert.deepEqual([CRYO_HEADER_BYTES, CALE_OVERHEAD_BYTES, CALE_MIN_RECORD_BYTES], [21, 28, 49]);
  assert.equal(CALE_MAX_RECORD, CRYO_MAX_PAYLOAD + 21 + 28);
});

test("the iv of a record holds its counter behind eight zero bytes", () => {
  const record = new Uint8Array(CALE_MIN_RECORD_BYTES).fill(0xff);
  for (const counter of [0, 1, 255, 256, 2 ** 31, 2 ** 32 - 1]) {
    writeCaleIv(record, counter);
    assert.equal(Buffer.from(record.subarray(0, 8)).toString("hex"), "0000000000000000");
    assert.equal(readCaleCounter(record), counter);
    assert.equal(record[12], 0xff);
  }
  for (const counter of [-1, 0.5, 2 ** 32]) assert.throws(() => writeCaleIv(record, counter), RangeError);
});

test("what is shorter than 49 bytes or has any of the first eight bytes set has no counter", () => {
  for (let length = 0; length < CALE_MIN_RECORD_BYTES; length++) {
    assert.equal(readCaleCounter(new Uint8Array(length)), undefined);
  }
  for (let at = 0; at < 8; at++) {
    const record = new Uint8Array(CALE_MIN_RECORD_BYTES);
    record[at] = 0x80;
    assert.equal(readCaleCounter(record), undefined);
  }
  assert.equal(readCaleCounter(new Uint8Array(CALE_MIN_RECORD_BYTES)), 0);
});

test("a record is taken for plain by deployed peers when its byte 20 is at most 7", () => {
  const record = new Uint8Array(CALE_MIN_RECORD_BYTES).fill(0xff);
  for (let byte = 0; byte < 256; byte++) {
    record[20] = byte;
    assert.equal(isTakenForPlain(record), byte <= 7);
  }
});

test("keys are copies, and a hash of another length is refused", () => {
  const hash = new Uint8Array(32).fill(1);
  const { sendKey } = splitCaleKeys(hash, "client");
  hash.fill(0);
  assert.deepEqual(sendKey, new Uint8Array(16).fill(1));
  assert.throws(() => splitCaleKeys(new Uint8Array(31), "server"), RangeError);
});

test("the channel binding is made of its label and both keys, the server's first", () => {
  const input = caleBindingInput(new Uint8Array(65).fill(1), new Uint8Array(65).fill(2));
  assert.equal(Buffer.from(input.subarray(0, 8)).toString(), "cale1-cb");
  assert.deepEqual([input[8], input[72], input[73], input[137], input.length], [1, 1, 2, 2, 138]);
});
