import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeyPair } from "./cale-by-hand.js";
import { type CryoMeeting, cryoEnds } from "./cryo-meeting.js";
import type { CryoPeer } from "./cryo-peer.js";
import { payloadCanary } from "./secrets.js";

const limits = { timeout: 20_000 };

/** Something that a peer sends where something else is due. */
interface Attack {
  readonly what: string;
  readonly commit: (peer: CryoPeer) => void;
  readonly code?: number;
}

const sends = (what: string, message: (peer: CryoPeer) => Buffer | string, code = 4011): Attack => ({
  what,
  commit: (peer) => peer.send(message(peer)),
  code,
});
const someKey = (): Buffer => new KeyPair().publicKey;
const noise = (length: number): Buffer => Buffer.alloc(length, 0xa5);

function foreign(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy[0]! ^= 1;
  return copy;
}

/** Frames that stand where this end's hello is due: whoever sends one has CALE switched off. */
const insteadOfHello = (code: number): readonly Attack[] => [
  sends("a text", (peer) => peer.make.utf8(0, payloadCanary), code),
  sends("bytes", (peer) => peer.make.binary(0, noise(40)), code),
  sends("a ping", (peer) => peer.make.ping(0), code),
  sends("a pong", (peer) => peer.make.pong(0), code),
  sends("an ACK", (peer) => peer.make.ack(0), code),
  sends("an ERROR", (peer) => peer.make.error(0, "session_expired"), code),
];

const first = {
  server: [
    ...insteadOfHello(4010),
    sends("HANDSHAKE_DONE before any hello", (peer) => peer.make.done(0), 4010),
    sends("a SERVER_HELLO", (peer) => peer.make.serverHello(0, someKey()), 4010),
  ],
  client: [
    ...insteadOfHello(4010),
    sends("HANDSHAKE_DONE before any hello", (peer) => peer.make.done(0)),
    sends("a CLIENT_HELLO", (peer) => peer.make.clientHello(0, someKey())),
  ],
} as const;

const hello = (peer: CryoPeer, key: Buffer): Buffer =>
  peer.end === "client" ? peer.make.clientHello(0, key) : peer.make.serverHello(0, key);

/** What no end takes at any time. */
const never: readonly Attack[] = [
  sends("an empty message", () => Buffer.alloc(0)),
  sends("a message of 5 bytes", () => noise(5)),
  sends("a header without its type", (peer) => peer.make.ack(0).subarray(0, 20)),
  sends("an unknown type", (peer) => peer.make.raw(0, 42)),
  sends("noise", () => noise(90)),
  sends("a hello under another session's id", (peer) => foreign(hello(peer, someKey()))),
  sends("a WebSocket text message", () => "hello"),
  sends("a WebSocket text message with a hello", (peer) => hello(peer, someKey()).toString("latin1")),
];

const point = someKey();
const changed = (at: number, value: number): Buffer => {
  const key = Buffer.from(point);
  key[at] = value;
  return key;
};
const withPrefix = (prefix: number): Buffer => changed(0, prefix);
const pair = new KeyPair();

const badKeys: readonly (readonly [what: string, key: Buffer])[] = [
  ["no key at all", Buffer.alloc(0)],
  ["the point at infinity", Buffer.of(0)],
  ["65 zero bytes", Buffer.alloc(65)],
  ["a point of zeros", Buffer.concat([Buffer.of(4), Buffer.alloc(64)])],
  ["a point off the curve", changed(64, point[64]! ^ 1)],
  ["coordinates beyond the field", Buffer.concat([Buffer.of(4), Buffer.alloc(64, 0xff)])],
  ["64 bytes", point.subarray(0, 64)],
  ["66 bytes", Buffer.concat([point, Buffer.of(0)])],
  ["a key of 1 MiB", Buffer.concat([point, Buffer.alloc(1_048_576 - 65)])],
  ["the compressed form", pair.encoded("compressed")],
  ["the compressed form, filled up to 65 bytes", Buffer.concat([pair.encoded("compressed"), Buffer.alloc(32)])],
  ["the hybrid form", pair.encoded("hybrid")],
  ["a first byte of 0", withPrefix(0)],
  ["a first byte of 2", withPrefix(2)],
  ["a first byte of 5", withPrefix(5)],
  ["a first byte of 255", withPrefix(255)],
];

/** After both hellos, where HANDSHAKE_DONE is due. */
const half: readonly Attack[] = [
  ...insteadOfHello(4011),
  sends("a second hello", (peer) => hello(peer, peer.pair.publicKey)),
  sends("a second hello with another key", (peer) => hello(peer, someKey())),
  sends("the hello of the other end", (peer) =>
    peer.end === "client" ? peer.make.serverHello(1, someKey()) : peer.make.clientHello(1, someKey()),
  ),
  sends("HANDSHAKE_DONE under the next number", (peer) => peer.make.done(1)),
  sends("HANDSHAKE_DONE under the last number", (peer) => peer.make.done(0xffff_ffff)),
  sends("HANDSHAKE_DONE under another session's id", (peer) => foreign(peer.make.done(0))),
  sends("HANDSHAKE_DONE in a record", (peer) => peer.seal(peer.make.done(0))),
  sends("a text in a record", (peer) => peer.seal(peer.make.utf8(1, payloadCanary))),
];

/** Every failure of the cryptography looks the same from outside. */
const reasons = new Set<string>();

async function assertRefused(meeting: CryoMeeting, attack: Attack, messages: number): Promise<void> {
  const { peer, heard, ended } = meeting;
  attack.commit(peer);
  peer.send(peer.make.utf8(1, payloadCanary));
  const { code, reason } = await peer.ended();
  assert.equal(code, attack.code ?? 4011);
  assert.deepEqual(await ended, [code, reason]);
  assert.deepEqual(heard, []);
  assert.equal(peer.messages.length, messages, "it sent more than its part of the handshake");
  if (code === 4011) assert.equal(reasons.add(reason).size, 1, [...reasons].join(" and "));
  else assert.match(reason, /use_cale/);
  await meeting.undisturbed();
}

for (const [end, meet] of cryoEnds) {
  describe(`a ${end} that waits for a hello`, () => {
    for (const attack of [...first[end], ...never]) {
      it(`refuses ${attack.what} with ${attack.code}`, limits, async (context) => {
        const meeting = await meet(context, { shakesHands: false });
        await assertRefused(meeting, attack, end === "server" ? 1 : 0);
      });
    }

    for (const [what, key] of badKeys) {
      it(`refuses a hello with ${what}`, limits, async (context) => {
        const meeting = await meet(context, { shakesHands: false });
        await assertRefused(meeting, { what, commit: (peer) => peer.hello(key) }, end === "server" ? 1 : 0);
      });
    }
  });

  describe(`a ${end} in the middle of the handshake`, () => {
    for (const attack of [...half, ...never]) {
      it(`refuses ${attack.what} with 4011`, limits, async (context) => {
        const meeting = await meet(context, { shakesHands: false });
        await halfWay(meeting.peer);
        await assertRefused(meeting, attack, end === "server" ? 2 : 1);
      });
    }
  });
}

/** Both hellos are there, and the server's HANDSHAKE_DONE if it is ours. */
async function halfWay(peer: CryoPeer): Promise<void> {
  if (peer.end === "server") {
    peer.hello();
    peer.agree((await peer.take("clientHello")).bytes!);
    return;
  }
  peer.agree((await peer.take("serverHello")).bytes!);
  peer.hello();
  await peer.take("done");
}

describe("a server", () => {
  const [[, meet]] = cryoEnds as [(typeof cryoEnds)[0]];

  it("refuses its own key reflected", limits, async (context) => {
    const meeting = await meet(context, { shakesHands: false });
    const { bytes } = await meeting.peer.take("serverHello");
    await assertRefused(meeting, { what: "", commit: (peer) => peer.hello(bytes!) }, 1);
  });
});
