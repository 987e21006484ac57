import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CampFrame, CampProtocolError, decode, encode, expectFrames, FrameType } from "./index.js";

// The codec against a slow and obvious twin: DataView, TextEncoder, one line per field. On a failure fast-check prints
// the seed and the smallest counterexample.

const SID_MAX = 2n ** 64n - 1n;
const MEBIBYTE = 1024 * 1024;

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function check(condition: boolean, code = "MALFORMED"): void {
  if (!condition) throw new Refused(code);
}

function slowDecode(bytes: Uint8Array): CampFrame {
  check(bytes.length >= 9);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sid = view.getBigUint64(0);
  const rest = (at: number) => bytes.slice(at);
  const header = (n: number) => check(bytes.length >= n);
  const exactly = (n: number) => check(bytes.length === n);
  const atMost = (at: number, n: number) => check(bytes.length - at <= n, "TOO_LARGE");
  const u32 = (at: number) => view.getUint32(at);
  switch (view.getUint8(8)) {
    case 255: {
      header(17);
      if (u32(13) === 1) exactly(25);
      const features = bytes.length < 25 ? 0n : view.getBigUint64(17);
      return { type: "endpoint_info", sid, ack: u32(9), version: u32(13), features };
    }
    case 254: {
      header(13);
      atMost(13, MEBIBYTE);
      const { text, ...mark } = slowLenient(rest(13));
      return { type: "bye", sid, ack: u32(9), reason: text, ...mark };
    }
    case 253:
      exactly(13);
      return { type: "ack", sid, ack: u32(9) };
    case 252: {
      header(13);
      atMost(13, MEBIBYTE);
      const { text, ...mark } = slowLenient(rest(13));
      return { type: "error", sid, ack: u32(9), payload: text, ...mark };
    }
    case 251: {
      exactly(13);
      const payload = slowStrict(rest(9));
      if (payload !== "ping" && payload !== "pong") throw new Refused("MALFORMED");
      return { type: "ping_pong", sid, payload };
    }
    case 250:
      header(13);
      atMost(13, MEBIBYTE);
      return { type: "utf8data", sid, ack: u32(9), payload: slowStrict(rest(13)) };
    case 249:
      header(13);
      atMost(13, MEBIBYTE);
      return { type: "binarydata", sid, ack: u32(9), payload: rest(13) };
    case 0: {
      header(26);
      const size = view.getBigInt64(17);
      const behaviour = view.getUint8(25);
      check(size >= -1n && behaviour <= 1 && !(size === -1n && behaviour === 1));
      atMost(26, 1024);
      const name = slowStrict(rest(26));
      return { type: "tx_start", sid, ack: u32(9), txId: u32(13), size, behaviour: behaviour as 0 | 1, name };
    }
    case 1:
      header(21);
      atMost(21, MEBIBYTE);
      check(view.getBigUint64(13) + BigInt(bytes.length - 21) <= SID_MAX);
      return { type: "tx_chunk", sid, txId: u32(9), offset: view.getBigUint64(13), payload: rest(21) };
    case 2:
      exactly(17);
      return { type: "tx_finish", sid, ack: u32(9), txId: u32(13) };
    case 3: {
      exactly(33);
      const [start, end] = [view.getBigUint64(17), view.getBigUint64(25)];
      return { type: "tx_fetch", sid, ack: u32(9), txId: u32(13), start, end };
    }
    case 4:
      exactly(17);
      return { type: "tx_cancel", sid, ack: u32(9), txId: u32(13) };
    case 16:
      header(17);
      atMost(17, 123);
      return { type: "tx_abort", sid, ack: u32(9), txId: u32(13), reason: slowStrict(rest(17)) };
    case 17:
      exactly(49);
      return { type: "resume_ticket", sid, ack: u32(9), windowMs: u32(13), secret: rest(17) };
    case 18:
      exactly(49);
      return { type: "resume", sid, received: view.getBigUint64(9), secret: rest(17) };
    case 19:
    case 20:
      exactly(17);
      return { type: view.getUint8(8) === 19 ? "resumed" : "received", sid, received: view.getBigUint64(9) };
    case 21:
      header(13);
      atMost(13, 8192);
      return { type: "token", sid, ack: u32(9), token: slowStrict(rest(13)) };
    case 22: {
      exactly(22);
      const state = view.getUint8(13);
      check(state <= 2);
      return { type: "token_state", sid, ack: u32(9), state: state as 0 | 1 | 2, remainingMs: view.getBigUint64(14) };
    }
    default:
      throw new Refused("UNKNOWN_TYPE");
  }
}

function slowStrict(bytes: Uint8Array): string {
  const { text, replaced } = slowLenient(bytes);
  check(!replaced);
  return text;
}

function slowLenient(bytes: Uint8Array): { text: string; replaced?: true } {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return Buffer.from(text).equals(bytes) ? { text } : { text, replaced: true };
}

function slowEncode(frame: CampFrame): Uint8Array {
  const u32 = (value: number) => Buffer.from(value.toString(16).padStart(8, "0"), "hex");
  const u64 = (value: bigint) => Buffer.from(BigInt.asUintN(64, value).toString(16).padStart(16, "0"), "hex");
  const parts: Uint8Array[] = [u64(frame.sid), Uint8Array.of(FrameType[frame.type])];
  if ("ack" in frame) parts.push(u32(frame.ack));
  if ("version" in frame) parts.push(u32(frame.version), u64(frame.features));
  if ("txId" in frame) parts.push(u32(frame.txId));
  if ("size" in frame) parts.push(u64(frame.size), Uint8Array.of(frame.behaviour), Buffer.from(frame.name));
  if ("offset" in frame) parts.push(u64(frame.offset));
  if ("start" in frame) parts.push(u64(frame.start), u64(frame.end));
  if ("reason" in frame) parts.push(Buffer.from(frame.reason));
  if ("windowMs" in frame) parts.push(u32(frame.windowMs));
  if ("received" in frame) parts.push(u64(frame.received));
  if ("token" in frame) parts.push(Buffer.from(frame.token));
  if ("state" in frame) parts.push(Uint8Array.of(frame.state), u64(frame.remainingMs));
  if ("secret" in frame) parts.push(Buffer.from(frame.secret));
  if ("payload" in frame) parts.push(Buffer.from(frame.payload as string));
  return Uint8Array.from(Buffer.concat(parts));
}

/** Like the frames of the decoder, plain objects with a prototype. */
function record<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: SID_MAX });
const txId = u32;
const sid = u64;
const ack = u32;
const text = (maxLength: number) =>
  fc.oneof(fc.string({ unit: "binary", maxLength }), fc.string({ unit: "binary-ascii", maxLength }));
const bytes = fc.uint8Array({ maxLength: 3000 });
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
const tokenState = fc.constantFrom(0 as const, 1 as const, 2 as const);
const unsized = { size: fc.constant(-1n), behaviour: fc.constant(0 as const) };
const sized = { size: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), behaviour: fc.constantFrom(0 as const, 1 as const) };
const start = { type: fc.constant("tx_start" as const), sid, ack, txId };

const anyFrame: fc.Arbitrary<CampFrame> = fc.oneof(
  record({ type: fc.constant("endpoint_info" as const), sid, ack, version: u32, features: u64 }),
  record({ type: fc.constant("bye" as const), sid, ack, reason: text(200) }),
  record({ type: fc.constant("ack" as const), sid, ack }),
  record({ type: fc.constant("error" as const), sid, ack, payload: text(2500) }),
  record({
    type: fc.constant("ping_pong" as const),
    sid,
    payload: fc.constantFrom("ping" as const, "pong" as const),
  }),
  record({ type: fc.constant("utf8data" as const), sid, ack, payload: fc.oneof(text(50), text(2500)) }),
  record({ type: fc.constant("binarydata" as const), sid, ack, payload: bytes }),
  record({ ...start, ...unsized, name: text(256) }),
  record({ ...start, ...sized, name: text(256) }),
  record({
    type: fc.constant("tx_chunk" as const),
    sid,
    txId,
    offset: fc.bigInt({ min: 0n, max: SID_MAX - 3000n }),
    payload: bytes,
  }),
  record({ type: fc.constantFrom("tx_finish" as const, "tx_cancel" as const), sid, ack, txId }),
  record({ type: fc.constant("tx_fetch" as const), sid, ack, txId, start: u64, end: u64 }),
  record({ type: fc.constant("tx_abort" as const), sid, ack, txId, reason: text(30) }),
  record({ type: fc.constant("resume_ticket" as const), sid, ack, windowMs: u32, secret }),
  record({ type: fc.constant("resume" as const), sid, received: u64, secret }),
  record({ type: fc.constantFrom("resumed" as const, "received" as const), sid, received: u64 }),
  record({ type: fc.constant("token" as const), sid, ack, token: text(2000) }),
  record({ type: fc.constant("token_state" as const), sid, ack, state: tokenState, remainingMs: u64 }),
);

/** Random bytes behind a type that is mostly a known one, so that every layout is reached. */
const anyBytes = fc
  .tuple(
    fc.uint8Array({ minLength: 8, maxLength: 8 }),
    fc.oneof(fc.constantFrom(...Object.values(FrameType)), fc.integer({ min: 0, max: 255 })),
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 2000 })),
  )
  .map(([prefix, type, rest]) => Uint8Array.of(...prefix, type, ...rest));

type Mutation = { readonly at: number; readonly value: number; readonly kind: "set" | "cut" | "insert" };

const anyMutation: fc.Arbitrary<Mutation> = record({
  at: fc.oneof(fc.integer({ min: 8, max: 34 }), fc.nat(3100)),
  value: fc.oneof(fc.constantFrom(0, 1, 16, 0x7f, 0x80, 0xc0, 0xed, 0xff), fc.integer({ min: 0, max: 255 })),
  kind: fc.constantFrom("set" as const, "set" as const, "cut" as const, "insert" as const),
});

function mutate(frame: Uint8Array, { at, value, kind }: Mutation): Uint8Array {
  const place = Math.min(at, frame.length);
  if (kind === "cut") return frame.slice(0, place);
  return Uint8Array.from([...frame.slice(0, place), value, ...frame.slice(kind === "set" ? place + 1 : place)]);
}

function outcome(run: () => CampFrame): CampFrame | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof CampProtocolError || error instanceof Refused) return error.code;
    throw error;
  }
}

function assertTwinsAgree(input: Uint8Array): void {
  assert.deepEqual(
    outcome(() => decode(input)),
    outcome(() => slowDecode(input)),
  );
}

const runs = { numRuns: 2000 };

test("any frame survives encode and decode, and both twins write the same bytes", () => {
  fc.assert(
    fc.property(anyFrame, (frame) => {
      const encoded = encode(frame);
      assert.deepEqual(encoded, slowEncode(frame));
      assert.deepEqual(decode(encoded), frame);
      const expected = expectFrames(frame.sid, { streamControl: true, resume: true, tokens: true });
      assert.deepEqual(decode(encoded, expected), frame);
      assert.equal(decode(encoded, expected).sid, expected.sid);
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

test("a mutated frame decodes as the slow twin decodes it, or fails with the same typed error", () => {
  const mutations = fc.array(anyMutation, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(anyFrame, mutations, (frame, all) => assertTwinsAgree(all.reduce(mutate, encode(frame)))),
    { numRuns: 5000 },
  );
});

test("strings with lone surrogates arrive with U+FFFD in their place", () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })));
  fc.assert(
    fc.property(units, (codes) => {
      const payload = String.fromCharCode(...codes);
      const frame: CampFrame = { type: "utf8data", sid: 1n, ack: 2, payload };
      assert.deepEqual(encode(frame), slowEncode(frame));
      assert.deepEqual(decode(encode(frame)), { ...frame, payload: Buffer.from(payload).toString() });
    }),
    runs,
  );
});
