import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CAMP_MAX_PAYLOAD,
  type CampFrame,
  CHUNK_HEADER_BYTES,
  decode,
  encode,
  FrameEncoder,
  SID_MAX,
  stampAck,
  UINT32_MAX,
} from "./index.js";

const encoder = new FrameEncoder(7n);
const tooLarge = (message: string | RegExp) => ({ name: "CampProtocolError", code: "TOO_LARGE", message });

test("frames leave the encoder with ack number 0, and stampAck writes any other", () => {
  for (const frame of [
    encoder.utf8("hi"),
    encoder.binary(new Uint8Array(2)),
    encoder.error("no"),
    encoder.txFinish(3),
  ]) {
    for (const n of [0, 1, 2 ** 31, UINT32_MAX, 0]) {
      stampAck(frame, n);
      const decoded = decode(frame);
      assert.ok("ack" in decoded);
      assert.equal(decoded.ack, n);
    }
  }
});

test("the ack field is 0 even where the platform uses the room behind a text as scratch", (t) => {
  const encodeInto = TextEncoder.prototype.encodeInto;
  t.mock.method(
    TextEncoder.prototype,
    "encodeInto",
    function (this: InstanceType<typeof TextEncoder>, text: string, into: Uint8Array) {
      const result = encodeInto.call(this, text, into);
      into.fill(0xee, result.written);
      return result;
    },
  );
  for (let i = 0; i < 500; i++) {
    encoder.utf8("日本語 🚀".repeat(i % 30));
    const payload = new Uint8Array(i % 50);
    assert.deepEqual(decode(encoder.binary(payload)), { type: "binarydata", sid: 7n, ack: 0, payload });
    assert.deepEqual(decode(encoder.txFinish(1)), { type: "tx_finish", sid: 7n, ack: 0, txId: 1 });
    assert.deepEqual(decode(encoder.utf8("語")), { type: "utf8data", sid: 7n, ack: 0, payload: "語" });
  }
});

test("no two frames share a byte, however small and however many", () => {
  const texts = Array.from({ length: 3000 }, (_, i) =>
    String.fromCharCode(97 + (i % 26), 0xe0 + (i % 30)).repeat(i % 700),
  );
  const frames = texts.map((text) => encoder.utf8(text));
  frames.forEach((frame, i) => {
    stampAck(frame, i);
  });
  frames.forEach((frame, i) => {
    assert.deepEqual(decode(frame), { type: "utf8data", sid: 7n, ack: i, payload: texts[i] });
  });
});

test("a text frame has exactly its bytes, for every length around the limits of the fast ways", () => {
  for (const unit of ["a", "ß", "語", "🚀", "\uD800", "aß", "\uFEFF"]) {
    for (let length = 0; length < 2200; length += length < 80 ? 1 : 37) {
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
      assert.deepEqual(encoder.utf8(text).subarray(13), Uint8Array.from(Buffer.from(text)));
    }
  }
});

test("payloads of exactly the limit encode, and one byte more is refused with the number", () => {
  const message = "payload of 1048577 bytes exceeds 1048576";
  const ascii = "a".repeat(CAMP_MAX_PAYLOAD);
  const wide = `${"語".repeat(CAMP_MAX_PAYLOAD / 4)}${"ß".repeat(CAMP_MAX_PAYLOAD / 8)}`;
  for (const text of [ascii, wide]) {
    assert.equal(encoder.utf8(text).length, 13 + CAMP_MAX_PAYLOAD);
    assert.equal(encoder.error(text).length, 13 + CAMP_MAX_PAYLOAD);
    assert.throws(() => encoder.utf8(`${text}a`), tooLarge(message));
    assert.throws(() => encoder.error(`${text}a`), tooLarge(message));
  }
  assert.equal(encoder.binary(new Uint8Array(CAMP_MAX_PAYLOAD)).length, 13 + CAMP_MAX_PAYLOAD);
  assert.throws(() => encoder.binary(new Uint8Array(CAMP_MAX_PAYLOAD + 1)), tooLarge(message));
  assert.equal(encoder.txChunk(1, 0n, CAMP_MAX_PAYLOAD).length, 21 + CAMP_MAX_PAYLOAD);
  assert.throws(() => encoder.txChunk(1, 0n, CAMP_MAX_PAYLOAD + 1), tooLarge(message));
});

test("names are counted in bytes: 1024 encode, 1025 are refused", () => {
  for (const [fits, over] of [
    ["n".repeat(1024), "n".repeat(1025)],
    ["é".repeat(512), `${"é".repeat(512)}n`],
    ["🚀".repeat(256), `${"🚀".repeat(256)}n`],
  ] as const) {
    assert.equal(encoder.txStart(1, -1n, 0, fits).length, 26 + 1024);
    assert.throws(() => encoder.txStart(1, -1n, 0, over), tooLarge("name of 1025 bytes exceeds 1024"));
  }
});

test("bye and txAbort cut their reasons to 123 bytes at a character, encode does not", () => {
  const reason = `${"a".repeat(121)}語 and more`;
  const [bye, abort] = [decode(encoder.bye(reason)), decode(encoder.txAbort(1, reason))];
  assert.ok(bye.type === "bye" && bye.reason === "a".repeat(121));
  assert.ok(abort.type === "tx_abort" && abort.reason === "a".repeat(121));
  const long: CampFrame = { type: "bye", sid: 7n, ack: 4, reason };
  assert.deepEqual(decode(encode(long)), long);
  const longAbort: CampFrame = { type: "tx_abort", sid: 7n, ack: 4, txId: 1, reason: "a".repeat(124) };
  assert.throws(() => encode(longAbort), tooLarge("reason of 124 bytes exceeds 123"));
});

test("binary copies its bytes before it returns", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const frame = encoder.binary(bytes);
  bytes.fill(9);
  assert.deepEqual(frame.subarray(13), Uint8Array.of(1, 2, 3));
});

test("a message is its head and its payload", () => {
  const payload = new TextEncoder().encode("payload");
  for (const kind of ["binary", "utf8", "error"] as const) {
    const frame = kind === "binary" ? encoder.binary(payload) : encoder[kind]("payload");
    assert.deepEqual(Uint8Array.of(...encoder.messageHead(kind, payload.length), ...payload), frame);
  }
  const message = `payload of ${CAMP_MAX_PAYLOAD + 1} bytes exceeds ${CAMP_MAX_PAYLOAD}`;
  assert.throws(() => encoder.messageHead("utf8", CAMP_MAX_PAYLOAD + 1), tooLarge(message));
});

test("a chunk is made in memory of the caller's choice, every byte of its header written", () => {
  const dirty = new Uint8Array(CHUNK_HEADER_BYTES + 4).fill(0xee);
  const frame = encoder.txChunk(9, 2n ** 53n + 1n, 4, (bytes) => dirty.subarray(0, bytes));
  assert.equal(frame.buffer, dirty.buffer);
  frame.set([1, 2, 3, 4], CHUNK_HEADER_BYTES);
  const payload = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(decode(frame), { type: "tx_chunk", sid: 7n, txId: 9, offset: 2n ** 53n + 1n, payload });
  assert.throws(() => encoder.txChunk(9, 0n, 4, () => new Uint8Array(30)), RangeError);
});

test("numbers outside their range are RangeErrors that name the field and the limit", () => {
  for (const n of [-1, 0.5, UINT32_MAX + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const range = (field: string) => ({ name: "RangeError", message: `${field} ${n} is no integer in 0 … 4294967295` });
    assert.throws(() => encoder.ack(n), range("ack"));
    assert.throws(() => stampAck(encoder.utf8(""), n), range("ack"));
    assert.throws(() => encoder.txFinish(n), range("txId"));
    assert.throws(() => encoder.txCancel(n), range("txId"));
    assert.throws(() => encoder.txStart(n, 0n, 0, ""), range("txId"));
    assert.throws(() => encoder.txChunk(n, 0n, 0), range("txId"));
    assert.throws(() => encoder.txFetch(n, 0n, 0n), range("txId"));
    assert.throws(() => encoder.txAbort(n, ""), range("txId"));
    assert.throws(() => encoder.endpointInfo(n, 0n), range("version"));
    assert.throws(() => encoder.resumeTicket(n, new Uint8Array(32)), range("windowMs"));
  }
  for (const n of [-1n, SID_MAX + 1n]) {
    const range = (field: string) => ({ name: "RangeError", message: `${field} ${n} is outside 0 … ${SID_MAX}` });
    assert.throws(() => new FrameEncoder(n), range("sid"));
    assert.throws(() => encode({ type: "ack", sid: n, ack: 0 }), range("sid"));
    assert.throws(() => encoder.endpointInfo(1, n), range("features"));
    assert.throws(() => encoder.txFetch(0, n, 0n), range("start"));
    assert.throws(() => encoder.txFetch(0, 0n, n), range("end"));
    assert.throws(() => encoder.txChunk(0, n, 0), range("offset"));
    assert.throws(() => encoder.resume(n, new Uint8Array(32)), range("received"));
    assert.throws(() => encoder.received(n), range("received"));
    assert.throws(() => encoder.tokenState(1, n), range("remainingMs"));
  }
  assert.throws(() => encoder.txChunk(0, SID_MAX, 1), RangeError);
  assert.throws(() => encoder.txChunk(0, 0n, -1), RangeError);
});

test("a stream's size and behaviour are refused where a decoder would refuse them", () => {
  assert.throws(() => encoder.txStart(0, -2n, 0, ""), RangeError);
  assert.throws(() => encoder.txStart(0, -1n, 1, ""), RangeError);
  assert.throws(() => encoder.txStart(0, 2n ** 63n, 0, ""), RangeError);
  assert.throws(() => encoder.txStart(0, 0n, 2 as 1, ""), RangeError);
  assert.equal(decode(encoder.txStart(0, 2n ** 63n - 1n, 1, "")).type, "tx_start");
});

test("a secret of another length than 32 bytes is a RangeError that does not tell it", () => {
  for (const length of [0, 31, 33]) {
    const refused = { name: "RangeError", message: `secret of ${length} bytes instead of 32` };
    assert.throws(() => encoder.resumeTicket(1, new Uint8Array(length)), refused);
    assert.throws(() => encoder.resume(1n, new Uint8Array(length)), refused);
  }
});

test("a token is measured in bytes, and a state is one of three", () => {
  assert.equal(encoder.token("é".repeat(4096)).length, 13 + 8192);
  assert.throws(() => encoder.token(`${"é".repeat(4096)}n`), tooLarge("token of 8193 bytes exceeds 8192"));
  assert.throws(() => encoder.tokenState(3 as 2, 0n), RangeError);
});

test("a frame of no type at all is a TypeError", () => {
  assert.throws(() => encode({ type: "nonsense", sid: 1n } as unknown as CampFrame), TypeError);
});
