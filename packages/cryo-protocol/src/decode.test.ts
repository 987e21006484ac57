import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CRYO_MAX_FRAME,
  CRYO_MAX_PAYLOAD,
  type CryoFrame,
  CryoFrameEncoder,
  CryoFrameType,
  decode,
  expectCryoFrames,
  inspect,
  readCryoSid,
} from "./index.js";

const sid = "01234567-89ab-4cde-8f01-23456789abcd";
const expected = expectCryoFrames(sid);
const encoder = new CryoFrameEncoder(sid);

/** A frame of our sid with any type and any payload. */
function frameOf(type: number, ...payload: number[]): Uint8Array {
  return Uint8Array.of(...encoder.ack(9).subarray(0, 20), type, ...payload);
}

function sizedFrame(type: number, payloadBytes: number): Uint8Array {
  const frame = new Uint8Array(21 + payloadBytes).fill(0x61);
  frame.set(frameOf(type));
  return frame;
}

const refused = (code: string) => ({ name: "CryoProtocolError", code });
const ascii = (text: string): number[] => [...Buffer.from(text)];

const malformed: Record<string, Uint8Array> = {
  "an ACK with a payload": frameOf(0, 1),
  "a ping cut short": frameOf(2, ...ascii("pin")),
  "a ping that goes on": frameOf(2, ...ascii("pings")),
  "a PING_PONG in capitals": frameOf(2, ...ascii("PING")),
  "an empty PING_PONG": frameOf(2),
  "a SERVER_HELLO of 64 bytes": sizedFrame(5, 64),
  "a SERVER_HELLO of 66 bytes": sizedFrame(5, 66),
  "an empty CLIENT_HELLO": frameOf(6),
  "a compressed key in CLIENT_HELLO": sizedFrame(6, 33),
};

for (const [name, bytes] of Object.entries(malformed)) {
  test(`${name} is malformed`, () => {
    assert.throws(() => decode(bytes), refused("MALFORMED"));
    assert.throws(() => decode(bytes, expected), refused("MALFORMED"));
  });
}

test("a frame shorter than its header is malformed even where a sid is expected", () => {
  for (let length = 0; length < 21; length++) {
    assert.throws(() => decode(new Uint8Array(length)), refused("MALFORMED"));
    assert.throws(() => decode(new Uint8Array(length), expected), refused("MALFORMED"));
  }
});

test("a foreign sid is refused in whichever of its bytes it differs, before type and layout are looked at", () => {
  for (const frame of [encoder.utf8("hello"), frameOf(99), frameOf(0, 1)]) {
    for (let at = 0; at < 16; at++) {
      const foreign = frame.slice();
      foreign[at]! ^= 0x80;
      assert.throws(() => decode(foreign, expected), refused("FOREIGN_SID"));
    }
  }
});

test("an unknown type names itself in the error, whatever follows it", () => {
  for (let type = 8; type < 256; type++) {
    assert.throws(() => decode(frameOf(type, 1, 2), expected), { ...refused("UNKNOWN_TYPE"), frameType: type });
  }
});

test("a payload of exactly 1 MiB decodes, and one byte more is too large", () => {
  for (const name of ["error", "utf8data", "binarydata", "handshake_done"] as const) {
    const max = sizedFrame(CryoFrameType[name], CRYO_MAX_PAYLOAD);
    assert.equal(max.length, CRYO_MAX_FRAME);
    assert.equal(decode(max).type, name);
    assert.throws(() => decode(sizedFrame(CryoFrameType[name], CRYO_MAX_PAYLOAD + 1)), refused("TOO_LARGE"));
  }
});

test("a binary payload is a plain view into what arrived, also of a Buffer", () => {
  const bytes = Buffer.from(encoder.binary(Uint8Array.of(1, 2, 3)));
  const frame = decode(bytes);
  assert.ok(frame.type === "binarydata" && frame.payload.constructor === Uint8Array);
  assert.equal(frame.payload.buffer, bytes.buffer);
});

test("a text with broken UTF-8 is repaired and marked, one that holds U+FFFD itself is not", () => {
  assert.deepEqual(decode(frameOf(3, 0x68, 0xc3)), {
    type: "utf8data",
    sid,
    ack: 9,
    payload: "h\ufffd",
    replaced: true,
  });
  assert.deepEqual(decode(frameOf(1, 0xff)), { type: "error", sid, ack: 9, payload: "\ufffd", replaced: true });
  assert.deepEqual(decode(encoder.utf8("\ufffd")), { type: "utf8data", sid, ack: 0, payload: "\ufffd" });
});

test("an error of the decoder holds nothing of sid or payload", () => {
  for (const bytes of [...Object.values(malformed), frameOf(77, ...ascii("secret"))]) {
    assert.throws(
      () => decode(bytes),
      (error: Error) => !error.message.includes("secret") && !error.message.includes("0123"),
    );
  }
});

test("a sid is a UUID of 36 characters in any case, and nothing else", () => {
  assert.equal(readCryoSid(sid), sid);
  assert.equal(readCryoSid(sid.toUpperCase()), sid);
  for (const text of ["", "42", sid.slice(1), `${sid}0`, sid.replaceAll("-", ""), sid.replace("0", "g"), `{${sid}}`]) {
    assert.equal(readCryoSid(text), undefined);
    assert.throws(() => expectCryoFrames(text), { name: "RangeError", message: "sid is no UUID of 36 characters" });
    assert.throws(() => new CryoFrameEncoder(text), RangeError);
  }
});

const lines: readonly (readonly [CryoFrame, string])[] = [
  [{ type: "ack", sid, ack: 2 }, "ack ack=2"],
  [{ type: "error", sid, ack: 3, payload: "tök", replaced: true }, "error ack=3 payload=4B replaced"],
  [{ type: "ping_pong", sid, ack: 4, payload: "ping" }, "ping_pong ack=4 ping"],
  [{ type: "ping_pong", sid, ack: 4, payload: "pong" }, "ping_pong ack=4 pong"],
  [{ type: "utf8data", sid, ack: 5, payload: "secret" }, "utf8data ack=5 payload=6B"],
  [{ type: "binarydata", sid, ack: 6, payload: new Uint8Array(7) }, "binarydata ack=6 payload=7B"],
  [{ type: "server_hello", sid, ack: 0, payload: new Uint8Array(65) }, "server_hello ack=0 payload=65B"],
  [{ type: "handshake_done", sid, ack: 0, payload: new Uint8Array(4) }, "handshake_done ack=0 payload=4B"],
];

for (const [frame, line] of lines) {
  test(`inspect tells "${line}" and nothing of sid, text or key`, () => assert.equal(inspect(frame), line));
}
