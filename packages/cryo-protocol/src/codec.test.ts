import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CryoFrame, CryoFrameType, CryoProtocolError, decode, encode, expectCryoFrames } from "./index.js";

// The codec against a slow and obvious twin. On a failure fast-check prints the seed and the smallest counterexample.

const MEBIBYTE = 1024 * 1024;
const typeNames = Object.keys(CryoFrameType) as CryoFrame["type"][];

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function slowDecode(bytes: Uint8Array): CryoFrame {
  if (bytes.length < 21) throw new Refused("MALFORMED");
  const hex = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const sid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const ack = new DataView(bytes.buffer, bytes.byteOffset).getUint32(16);
  const type = typeNames[bytes[20]!];
  const payload = bytes.slice(21);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload);
  if (type === undefined) throw new Refused("UNKNOWN_TYPE");
  if (type === "ack") return requireBytes(payload, 0, { type, sid, ack });
  if (type === "server_hello" || type === "client_hello") return requireBytes(payload, 65, { type, sid, ack, payload });
  if (type === "ping_pong") {
    if (text !== "ping" && text !== "pong") throw new Refused("MALFORMED");
    return { type, sid, ack, payload: text };
  }
  if (payload.length > MEBIBYTE) throw new Refused("TOO_LARGE");
  if (type === "binarydata" || type === "handshake_done") return { type, sid, ack, payload };
  const frame = { type, sid, ack, payload: text };
  return Buffer.from(text).equals(payload) ? frame : { ...frame, replaced: true };
}

function requireBytes(payload: Uint8Array, bytes: number, frame: CryoFrame): CryoFrame {
  if (payload.length !== bytes) throw new Refused("MALFORMED");
  return frame;
}

function slowEncode(frame: CryoFrame): Uint8Array {
  const head = frame.sid.replaceAll("-", "") + frame.ack.toString(16).padStart(8, "0");
  const payload = "payload" in frame ? Buffer.from(frame.payload as string) : Buffer.alloc(0);
  const parts = [Buffer.from(head, "hex"), Uint8Array.of(typeNames.indexOf(frame.type)), payload];
  return Uint8Array.from(Buffer.concat(parts));
}

/** Like the frames of the decoder, plain objects with a prototype. */
function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

const sid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
});
const ack = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "binary-ascii", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 2500 }),
);
const bytes = fc.uint8Array({ maxLength: 3000 });
const key = fc.uint8Array({ minLength: 65, maxLength: 65 });

const anyFrame: fc.Arbitrary<CryoFrame> = fc.oneof(
  record({ type: fc.constant("ack" as const), sid, ack }),
  record({ type: fc.constantFrom("error" as const, "utf8data" as const), sid, ack, payload: text }),
  record({
    type: fc.constant("ping_pong" as const),
    sid,
    ack,
    payload: fc.constantFrom("ping" as const, "pong" as const),
  }),
  record({ type: fc.constantFrom("binarydata" as const, "handshake_done" as const), sid, ack, payload: bytes }),
  record({ type: fc.constantFrom("server_hello" as const, "client_hello" as const), sid, ack, payload: key }),
);

/** Random bytes behind a type that is mostly a known one, so that every layout is reached. */
const anyBytes = fc
  .tuple(
    fc.uint8Array({ minLength: 20, maxLength: 20 }),
    fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 255 })),
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 60, maxLength: 70 }), bytes),
  )
  .map(([head, type, rest]) => Uint8Array.of(...head, type, ...rest));

function outcome(run: () => CryoFrame): CryoFrame | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof CryoProtocolError || error instanceof Refused) return error.code;
    throw error;
  }
}

function assertTwinsAgree(input: Uint8Array): void {
  const fast = outcome(() => decode(input));
  assert.deepEqual(
    fast,
    outcome(() => slowDecode(input)),
  );
  if (typeof fast !== "string") assert.deepEqual(decode(input, expectCryoFrames(fast.sid)), fast);
}

const runs = { numRuns: 2000 };

test("any frame survives encode and decode, and both twins write the same bytes", () => {
  fc.assert(
    fc.property(anyFrame, (frame) => {
      const encoded = encode(frame);
      assert.deepEqual(encoded, slowEncode(frame));
      assert.deepEqual(decode(encoded), frame);
      assert.deepEqual(decode(encoded, expectCryoFrames(frame.sid)), frame);
    }),
    runs,
  );
});

test("any frame inside a larger buffer decodes without looking beyond its view", () => {
  fc.assert(
    fc.property(anyFrame, fc.nat(20), fc.nat(20), (frame, before, after) => {
      const encoded = encode(frame);
      const backing = new Uint8Array(before + encoded.length + after).fill(0xff);
      backing.set(encoded, before);
      assert.deepEqual(decode(backing.subarray(before, before + encoded.length)), frame);
    }),
    runs,
  );
});

test("any bytes decode as the slow twin decodes them, or fail with the same typed error", () => {
  fc.assert(fc.property(anyBytes, assertTwinsAgree), { numRuns: 5000 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), assertTwinsAgree), runs);
});

test("texts that are cut inside a character decode with U+FFFD and say so", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 80 }), fc.nat(), (payload, at) => {
      const encoded = encode({ type: "utf8data", sid: "01234567-89ab-4cde-8f01-23456789abcd", ack: 1, payload });
      assertTwinsAgree(encoded.slice(0, 21 + (at % (encoded.length - 20))));
    }),
    runs,
  );
});

test("strings with lone surrogates arrive with U+FFFD in their place", () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })));
  fc.assert(
    fc.property(units, (codes) => {
      const payload = String.fromCharCode(...codes);
      const frame: CryoFrame = { type: "error", sid: "01234567-89ab-4cde-8f01-23456789abcd", ack: 2, payload };
      assert.deepEqual(decode(encode(frame)), { ...frame, payload: Buffer.from(payload).toString() });
    }),
    runs,
  );
});
