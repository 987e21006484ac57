import assert from "node:assert/strict";
import { test } from "node:test";
import { CAMP_MAX_FRAME, CAMP_MAX_PAYLOAD, decode, expectFrames, FrameEncoder, FrameType, SID_MAX } from "./index.js";

const SID = 0x0123_4567_89ab_cdefn;
const encoder = new FrameEncoder(SID);

/** A frame of our sid with any type and any bytes behind it. */
function frameOf(type: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(...encoder.ping().subarray(0, 8), type, ...rest);
}

function sizedFrame(type: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(bytes).fill(0x61, 13);
  frame.set(frameOf(type));
  if (type === FrameType.tx_chunk) frame.fill(0, 13, 21);
  return frame;
}

const refused = (code: string) => ({ name: "CampProtocolError", code });

test("a frame without its sid and type is malformed even where a sid is expected", () => {
  for (let length = 0; length < 9; length++) {
    assert.throws(() => decode(new Uint8Array(length), expectFrames(SID)), refused("MALFORMED"));
  }
});

test("a foreign sid is refused before the type and the layout are looked at", () => {
  for (const frame of [encoder.utf8("hello"), frameOf(99), frameOf(FrameType.ack)]) {
    for (const sid of [SID + 1n, SID ^ (1n << 63n), 0n, SID_MAX]) {
      assert.throws(() => decode(frame, expectFrames(sid)), refused("FOREIGN_SID"));
    }
  }
});

test("sids at the borders of 32 and 64 bits match only themselves", () => {
  const sids = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n, SID_MAX];
  for (const sid of sids) {
    const frame = new FrameEncoder(sid).ack(5);
    assert.deepEqual(decode(frame), { type: "ack", sid, ack: 5 });
    for (const other of sids) {
      if (other === sid) assert.equal(decode(frame, expectFrames(other)).sid, sid);
      else assert.throws(() => decode(frame, expectFrames(other)), refused("FOREIGN_SID"));
    }
  }
});

test("an expectation for a sid outside 64 bits is a RangeError", () => {
  assert.throws(() => expectFrames(-1n), RangeError);
  assert.throws(() => expectFrames(SID_MAX + 1n), RangeError);
});

test("an unknown type names itself in the error, whatever follows it", () => {
  const known = new Set<number>(Object.values(FrameType));
  for (let type = 0; type < 256; type++) {
    if (known.has(type)) continue;
    for (const frame of [frameOf(type), frameOf(type, 1, 2, 3)]) {
      assert.throws(() => decode(frame, expectFrames(SID)), { ...refused("UNKNOWN_TYPE"), frameType: type });
    }
  }
});

test("TX_ABORT is an unknown type until stream control is negotiated, even when malformed", () => {
  const abort = encoder.txAbort(7, "disk full");
  const broken = frameOf(FrameType.tx_abort);
  const expected = expectFrames(SID);
  assert.throws(() => decode(abort, expected), { ...refused("UNKNOWN_TYPE"), frameType: 16 });
  assert.throws(() => decode(broken, expected), refused("UNKNOWN_TYPE"));
  expected.streamControl = true;
  assert.deepEqual(decode(abort, expected), { type: "tx_abort", sid: SID, ack: 0, txId: 7, reason: "disk full" });
  assert.throws(() => decode(broken, expected), refused("MALFORMED"));
  assert.equal(decode(abort).type, "tx_abort");
});

test("the frames of resuming are unknown types until that is negotiated, even when malformed", () => {
  const frames = [encoder.resumeTicket(1, new Uint8Array(32)), encoder.resume(1n, new Uint8Array(32))];
  for (const frame of [...frames, encoder.resumed(1n), encoder.received(1n)]) {
    const type = frame[8]!;
    const expected = expectFrames(SID, { streamControl: true });
    assert.throws(() => decode(frame, expected), { ...refused("UNKNOWN_TYPE"), frameType: type });
    assert.throws(() => decode(frameOf(type), expected), refused("UNKNOWN_TYPE"));
    expected.resume = true;
    assert.equal(FrameType[decode(frame, expected).type], type);
    assert.throws(() => decode(frameOf(type), expected), refused("MALFORMED"));
  }
});

test("the frames about tokens are unknown types until that is negotiated, even when malformed", () => {
  for (const frame of [encoder.token("secret"), encoder.tokenState(1, 5n)]) {
    const type = frame[8]!;
    const expected = expectFrames(SID, { streamControl: true, resume: true });
    assert.throws(() => decode(frame, expected), { ...refused("UNKNOWN_TYPE"), frameType: type });
    assert.throws(() => decode(frameOf(type), expected), refused("UNKNOWN_TYPE"));
    expected.tokens = true;
    assert.equal(FrameType[decode(frame, expected).type], type);
    assert.throws(() => decode(frameOf(type), expected), refused("MALFORMED"));
  }
});

test("an ENDPOINT_INFO of another version may have any length from 17 bytes on", () => {
  for (const length of [17, 18, 24, 25, 26, 100]) {
    const frame = sizedFrame(FrameType.endpoint_info, length);
    frame.set([0, 0, 0, 0, 0, 0, 0, 2], 9);
    const decoded = decode(frame);
    assert.ok(decoded.type === "endpoint_info" && decoded.version === 2);
    assert.equal(decoded.features, length < 25 ? 0n : 0x6161_6161_6161_6161n);
    frame[16] = 1;
    if (length === 25) assert.equal(decode(frame).type, "endpoint_info");
    else assert.throws(() => decode(frame), refused("MALFORMED"));
  }
  assert.throws(() => decode(sizedFrame(FrameType.endpoint_info, 16)), refused("MALFORMED"));
});

test("a payload of exactly the limit decodes, and one byte more is too large", () => {
  for (const [name, header] of [
    ["bye", 13],
    ["error", 13],
    ["utf8data", 13],
    ["binarydata", 13],
    ["tx_chunk", 21],
  ] as const) {
    const max = sizedFrame(FrameType[name], header + CAMP_MAX_PAYLOAD);
    assert.equal(decode(max).type, name);
    const over = sizedFrame(FrameType[name], header + CAMP_MAX_PAYLOAD + 1);
    assert.throws(() => decode(over), { ...refused("TOO_LARGE"), message: /of 1048577 bytes exceeds 1048576$/ });
  }
  assert.equal(CAMP_MAX_FRAME, 21 + CAMP_MAX_PAYLOAD);
});

test("names of 1024 and reasons of 123 bytes decode, and one byte more is too large", () => {
  const name = (bytes: number) => sizedFrame(FrameType.tx_start, 26 + bytes).fill(0, 9, 26);
  assert.equal(decode(name(0)).type, "tx_start");
  assert.equal(decode(name(1024)).type, "tx_start");
  assert.throws(() => decode(name(1025)), { ...refused("TOO_LARGE"), message: "name of 1025 bytes exceeds 1024" });
  assert.equal(decode(sizedFrame(FrameType.tx_abort, 17 + 123)).type, "tx_abort");
  assert.throws(() => decode(sizedFrame(FrameType.tx_abort, 17 + 124)), refused("TOO_LARGE"));
});

test("a chunk may end at 2^64 - 1 but not beyond", () => {
  const chunk = encoder.txChunk(1, SID_MAX - 3n, 3);
  assert.equal(decode(chunk).type, "tx_chunk");
  assert.throws(() => decode(Uint8Array.of(...chunk, 0)), refused("MALFORMED"));
  assert.equal(decode(encoder.txChunk(1, SID_MAX, 0)).type, "tx_chunk");
});

test("broken ERROR and BYE texts are repaired and marked, whole ones with U+FFFD in them are not marked", () => {
  const broken = [0x61, 0xff, 0xf0, 0x9f, 0x9a];
  const error = decode(frameOf(FrameType.error, 0, 0, 0, 3, ...broken));
  assert.deepEqual(error, { type: "error", sid: SID, ack: 3, payload: "a\uFFFD\uFFFD", replaced: true });
  const bye = decode(frameOf(FrameType.bye, 0, 0, 0, 3, ...broken));
  assert.deepEqual(bye, { type: "bye", sid: SID, ack: 3, reason: "a\uFFFD\uFFFD", replaced: true });
  assert.deepEqual(decode(encoder.error("a\uFFFD")), { type: "error", sid: SID, ack: 0, payload: "a\uFFFD" });
});

test("broken texts and names are refused, whether short or long", () => {
  for (const before of ["", "a", "a".repeat(31), "a".repeat(100), "日本語"]) {
    for (const broken of [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x9a], [0xf5, 0x80, 0x80, 0x80]]) {
      const text = [...Buffer.from(before), ...broken];
      assert.throws(() => decode(frameOf(FrameType.utf8data, 0, 0, 0, 0, ...text)), refused("MALFORMED"));
      const start = [...new Array<number>(17).fill(0), ...text];
      assert.throws(() => decode(frameOf(FrameType.tx_start, ...start)), refused("MALFORMED"));
    }
  }
});

test("binary payloads are plain views into the received bytes, of a Buffer too", () => {
  const received = Buffer.from(encoder.binary(Uint8Array.of(1, 2, 3)));
  const frame = decode(received);
  assert.ok(frame.type === "binarydata");
  assert.equal(Object.getPrototypeOf(frame.payload), Uint8Array.prototype);
  assert.equal(frame.payload.buffer, received.buffer);
  received[14] = 9;
  assert.deepEqual(frame.payload, Uint8Array.of(1, 9, 3));
});

test("an error never repeats what was in the payload", () => {
  const secret = [...Buffer.from("hunter2"), 0xff];
  const frames = [
    frameOf(FrameType.utf8data, 0, 0, 0, 0, ...secret),
    frameOf(FrameType.ping_pong, ...Buffer.from("hunt")),
    frameOf(FrameType.tx_start, ...new Array<number>(17).fill(0), ...secret),
  ];
  for (const frame of frames) {
    assert.throws(
      () => decode(frame),
      (error: Error) => !/hunt/.test(String(error.stack)),
    );
  }
});
