import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { code, u8, u32, u64 } from "./frames.js";
import type { Peer } from "./peer.js";
import { token } from "./rig.js";
import { ServerRig } from "./server-rig.js";

const payloadBytesMax = 1_048_576;
const text = Buffer.from("x");

/** What a peer does wrong, and how its session ends. */
interface Offence {
  readonly title: string;
  readonly commit: (peer: Peer) => void;
  /** Whether an ERROR frame names the fault first. Default true. */
  readonly told?: boolean;
  readonly code?: number;
  readonly features?: bigint;
}

const raw = (title: string, frame: (peer: Peer) => Buffer | string): Offence => ({
  title,
  commit: (peer) => peer.send(frame(peer)),
});
const foreign = (peer: Peer, frame: Buffer): Buffer => {
  const copy = Buffer.from(frame);
  copy.writeBigUInt64BE(peer.make.sid + 1n);
  return copy;
};
const cut = (name: string, frame: (peer: Peer) => Buffer, bytes: number): Offence =>
  raw(`${name} cut to ${bytes} bytes`, (peer) => frame(peer).subarray(0, bytes));
const long = (name: string, frame: (peer: Peer) => Buffer): Offence =>
  raw(`${name} with a byte too many`, (peer) => Buffer.concat([frame(peer), u8(0)]));
const badText = (what: string, ...bytes: number[]): Offence =>
  raw(`a text with ${what}`, (peer) => peer.make.utf8(1, Buffer.of(0x61, ...bytes)));

const tooShort: readonly Offence[] = [
  raw("an empty message", () => Buffer.alloc(0)),
  raw("a single byte", () => u8(0xff)),
  raw("a session id without a type", (peer) => u64(peer.make.sid)),
  cut("ENDPOINT_INFO", (peer) => peer.make.info(1), 24),
  cut("ENDPOINT_INFO", (peer) => peer.make.info(1), 16),
  cut("BYE", (peer) => peer.make.bye(1), 12),
  cut("ACK", (peer) => peer.make.ack(0), 12),
  cut("ERROR", (peer) => peer.make.error(1, ""), 12),
  cut("PING", (peer) => peer.make.ping(), 12),
  cut("PING_PONG", (peer) => peer.make.ping(), 9),
  cut("UTF8DATA", (peer) => peer.make.utf8(1, ""), 12),
  cut("BINARYDATA", (peer) => peer.make.binary(1, Buffer.alloc(0)), 9),
  cut("TX_START", (peer) => peer.make.start(1, 0, 1n, 0, ""), 25),
  cut("TX_START", (peer) => peer.make.start(1, 0, 1n, 0, ""), 9),
  cut("TX_CHUNK", (peer) => peer.make.chunk(0, 0n, Buffer.alloc(0)), 20),
  cut("TX_FINISH", (peer) => peer.make.finish(1, 0), 16),
  cut("TX_FETCH", (peer) => peer.make.fetch(1, 0, 0n, 1n), 32),
  cut("TX_CANCEL", (peer) => peer.make.cancel(1, 0), 13),
];

const tooLong: readonly Offence[] = [
  long("ENDPOINT_INFO", (peer) => peer.make.info(1)),
  long("ACK", (peer) => peer.make.ack(0)),
  long("PING", (peer) => peer.make.ping()),
  long("TX_FINISH", (peer) => peer.make.finish(1, 0)),
  long("TX_FETCH", (peer) => peer.make.fetch(1, 0, 0n, 1n)),
  long("TX_CANCEL", (peer) => peer.make.cancel(1, 0)),
  raw("a text of 1 MiB and a byte", (peer) => peer.make.utf8(1, Buffer.alloc(payloadBytesMax + 1, 97))),
  raw("a binary of 1 MiB and a byte", (peer) => peer.make.binary(1, Buffer.alloc(payloadBytesMax + 1))),
  raw("an ERROR of 1 MiB and a byte", (peer) => peer.make.error(1, Buffer.alloc(payloadBytesMax + 1, 97))),
  raw("a stream name of 1025 bytes", (peer) => peer.make.start(1, 0, 1n, 0, "n".repeat(1025))),
  raw("a stream name of 513 two-byte characters", (peer) => peer.make.start(1, 0, 1n, 0, "é".repeat(513))),
];

const badTexts: readonly Offence[] = [
  badText("a lone continuation byte", 0x80),
  badText("an overlong slash", 0xc0, 0xaf),
  badText("an encoded surrogate", 0xed, 0xa0, 0x80),
  badText("a character past U+10FFFF", 0xf4, 0x90, 0x80, 0x80),
  badText("a character cut in the middle", 0xf0, 0x9f, 0x98),
  badText("a byte FF", 0xff),
  raw("a stream name that is no UTF-8", (peer) => peer.make.start(1, 0, 1n, 0, Buffer.of(0x6e, 0xc3))),
];

const wrongValues: readonly Offence[] = [
  raw("a text WebSocket message", () => "hello"),
  raw("an empty text WebSocket message", () => ""),
  raw("a text message with the bytes of a frame", (peer) => peer.make.ping().toString("latin1")),
  raw("a text of a foreign session", (peer) => foreign(peer, peer.make.utf8(1, "x"))),
  raw("an ACK of a foreign session", (peer) => foreign(peer, peer.make.ack(0))),
  raw("a PING of a foreign session", (peer) => foreign(peer, peer.make.ping())),
  raw("a BYE of a foreign session", (peer) => foreign(peer, peer.make.bye(1, "x"))),
  raw("a chunk of a foreign session", (peer) => foreign(peer, peer.make.chunk(0, 0n, text))),
  raw("an ENDPOINT_INFO of a foreign session", (peer) => foreign(peer, peer.make.info(1))),
  raw("PING_PONG with other letters", (peer) => peer.make.raw(code.pingPong, Buffer.from("pang"))),
  raw("PING_PONG in capitals", (peer) => peer.make.raw(code.pingPong, Buffer.from("PING"))),
  raw("a stream of behaviour 2", (peer) => peer.make.start(1, 0, 1n, 2, "s")),
  raw("a stream of behaviour 255", (peer) => peer.make.start(1, 0, 1n, 255, "s")),
  raw("a stream of size -2", (peer) => peer.make.start(1, 0, -2n, 0, "s")),
  raw("a stream of the smallest size", (peer) => peer.make.start(1, 0, -(2n ** 63n), 0, "s")),
  raw("a pull stream of unknown size", (peer) => peer.make.start(1, 0, -1n, 1, "s")),
  raw("a chunk that ends at 2^64", (peer) => peer.make.chunk(0, 2n ** 64n - 1n, Buffer.alloc(1))),
  raw("a chunk that ends past 2^64", (peer) => peer.make.chunk(0, 2n ** 64n - 1n, Buffer.alloc(2))),
  raw("a second ENDPOINT_INFO with other features", (peer) => peer.make.info(1, 3n)),
  raw("a second ENDPOINT_INFO of another version", (peer) => peer.make.info(1, 1n, 2)),
  raw("a stream frame of the 1.1.3 build, behaviour byte in the middle", (peer) =>
    peer.make.raw(code.start, u32(1), u32(0), u8(0), u64(5n)),
  ),
  {
    title: "a TX_START for a stream that is open",
    commit: (peer) => {
      peer.start(0, 10n, 0, "twice");
      peer.chunk(0, 0, text);
      peer.start(0, 10n, 0, "twice");
    },
  },
];

describe("bad input to a server", () => {
  for (const offence of [...tooShort, ...tooLong, ...badTexts, ...wrongValues]) {
    it(`answers ${offence.title} with an ERROR and 4001`, { timeout: 20_000 }, async (context) => {
      const rig = await ServerRig.start(context);
      await rig.invite();
      const peer = await rig.connect();
      offence.commit(peer);
      const error = await peer.take("error");
      assert.ok(error.text!.length >= 10, `"${error.text}" names nothing`);
      assert.equal(error.ack, 1);
      const end = await peer.ended();
      assert.equal(end.code, 4001);
      checkReason(end.reason);
      assert.deepEqual(await rig.endOf(peer), [4001, end.reason]);
      assert.ok(!error.text!.includes(token));
      await rig.verify();
    });
  }

  it("takes nothing that follows bad input", { timeout: 20_000 }, async (context) => {
    const heard: string[] = [];
    const rig = await ServerRig.start(context, {
      onSession: (session) => {
        session.on("message-utf8", (said) => {
          heard.push(said);
          session.base.SendUTF8(said).catch(() => {});
        });
      },
    });
    await rig.invite();
    const peer = await rig.connect();
    peer.utf8("before");
    peer.send(peer.make.raw(code.pingPong, Buffer.from("pang")));
    peer.send(peer.make.utf8(2, "after"));
    assert.equal((await peer.ended()).code, 4001);
    await rig.verify();
    assert.ok(heard.includes("before"));
    assert.ok(!heard.includes("after"));
  });
});

function checkReason(reason: string): void {
  assert.ok(reason.length > 0, "the close says nothing");
  assert.ok(Buffer.byteLength(reason) <= 123);
  assert.ok(!reason.includes(token));
}
