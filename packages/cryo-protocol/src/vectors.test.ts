import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  type CryoFrame,
  CryoFrameEncoder,
  CryoProtocolError,
  decode,
  encode,
  expectCryoFrames,
  inspect,
  isCalePublicKey,
  readCaleCounter,
  splitCaleKeys,
  splitCaleRecord,
  stampCryoAck,
} from "./index.js";

interface Vectors {
  readonly frames: readonly { name: string; frame: Record<string, unknown>; hex: string }[];
  readonly cale: {
    readonly serverPublicHex: string;
    readonly clientPublicHex: string;
    readonly hashHex: string;
    readonly clientReceiveKeyHex: string;
    readonly clientSendKeyHex: string;
    readonly records: readonly { direction: string; counter: number; plainHex: string; recordHex: string }[];
    readonly badPublicKeys: readonly { name: string; hex: string }[];
  };
}

const copy = new URL("../vectors/cryo-v1.json", import.meta.url);
const original = new URL("../../../../shared/vectors/cryo-v1.json", import.meta.url);
const vectors = JSON.parse(readFileSync(copy, "utf8")) as Vectors;
const { cale } = vectors;

function frameOf({ payloadHex, ...fields }: Record<string, unknown>): CryoFrame {
  return (payloadHex === undefined
    ? fields
    : { ...fields, payload: bytesOf(String(payloadHex)) }) as unknown as CryoFrame;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** What the methods of CryoFrameEncoder make of the frame, the number stamped afterwards. */
function encodeLikeASession(frame: CryoFrame): Uint8Array {
  const bytes = encodeOpen(new CryoFrameEncoder(frame.sid), frame);
  stampCryoAck(bytes, frame.ack);
  return bytes;
}

function encodeOpen(encoder: CryoFrameEncoder, frame: CryoFrame): Uint8Array {
  switch (frame.type) {
    case "ack":
      return encoder.ack(frame.ack);
    case "error":
      return encoder.error(frame.payload);
    case "ping_pong":
      return frame.payload === "ping" ? encoder.ping() : encoder.pong(frame.ack);
    case "utf8data":
      return encoder.utf8(frame.payload);
    case "binarydata":
      return encoder.binary(frame.payload);
    case "server_hello":
      return encoder.serverHello(frame.payload);
    case "client_hello":
      return encoder.clientHello(frame.payload);
    case "handshake_done":
      return encoder.handshakeDone(frame.ack);
  }
}

// The original lies beside the repository where it is developed; elsewhere there is nothing to compare the copy with.
if (existsSync(original)) {
  test("the copy of the vectors equals the original", () => {
    assert.deepEqual(vectors, JSON.parse(readFileSync(original, "utf8")));
  });
}

for (const vector of vectors.frames) {
  const frame = frameOf(vector.frame);
  const bytes = bytesOf(vector.hex);

  test(`${vector.name}: decodes to the frame, with and without an expectation`, () => {
    assert.deepEqual(decode(bytes), frame);
    assert.deepEqual(decode(bytes, expectCryoFrames(frame.sid)), frame);
    assert.deepEqual(decode(bytes, expectCryoFrames(frame.sid.toUpperCase())), frame);
    assert.deepEqual(decode(Buffer.from(vector.hex, "hex")), frame);
  });

  test(`${vector.name}: encodes to the bytes, by encode and by CryoFrameEncoder`, () => {
    assert.deepEqual(encode(frame), bytes);
    assert.deepEqual(encodeLikeASession(frame), bytes);
  });

  test(`${vector.name}: cut at any byte is refused or is another whole frame`, () => {
    for (let end = 0; end < bytes.length; end++) assertRefusedOrWhole(bytes.slice(0, end));
  });

  test(`${vector.name}: with any bit flipped is refused or is another whole frame`, () => {
    for (let bit = 0; bit < Math.min(bytes.length, 64) * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assertRefusedOrWhole(flipped);
    }
  });
}

function assertRefusedOrWhole(bytes: Uint8Array): void {
  let frame: CryoFrame;
  try {
    frame = decode(bytes);
  } catch (error) {
    assert.ok(error instanceof CryoProtocolError, String(error));
    return;
  }
  assert.equal(typeof inspect(frame), "string");
  if (!("replaced" in frame)) assert.deepEqual(encode(frame), bytes);
}

test("the hash of the secret splits into the keys of the vectors, mirrored on the server", () => {
  const hash = bytesOf(cale.hashHex);
  const receiveKey = bytesOf(cale.clientReceiveKeyHex);
  const sendKey = bytesOf(cale.clientSendKeyHex);
  assert.deepEqual(splitCaleKeys(hash, "client"), { receiveKey, sendKey });
  assert.deepEqual(splitCaleKeys(hash, "server"), { receiveKey: sendKey, sendKey: receiveKey });
});

test("the public keys of the vectors have the form of one", () => {
  assert.ok(isCalePublicKey(bytesOf(cale.serverPublicHex)));
  assert.ok(isCalePublicKey(bytesOf(cale.clientPublicHex)));
});

for (const { name, hex } of cale.badPublicKeys) {
  // Whether a point of the right form is on the curve is for the platform's library to find out.
  const onlyOffTheCurve = name === "not on the curve";
  test(`the form of a public key: ${name}`, () => assert.equal(isCalePublicKey(bytesOf(hex)), onlyOffTheCurve));
}

for (const { direction, counter, plainHex, recordHex } of cale.records) {
  test(`the record ${counter} ${direction} has its counter and its parts`, () => {
    const record = bytesOf(recordHex);
    const { iv, ciphertext, tag } = splitCaleRecord(record);
    assert.equal(readCaleCounter(record), counter);
    assert.deepEqual([iv.length, ciphertext.length, tag.length], [12, plainHex.length / 2, 16]);
    assert.deepEqual(Buffer.concat([iv, ciphertext, tag]), Buffer.from(record));
  });
}
