import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { ivOf, KeyPair, sealWith } from "./cale-by-hand.js";
import { type CryoMeeting, cryoEnds, type MeetInCryo, type SharedCryoOptions } from "./cryo-meeting.js";
import type { CryoPeer } from "./cryo-peer.js";
import { payloadCanary } from "./secrets.js";

const limits = { timeout: 20_000 };

/** Messages that an attacker sends to an end that is secure, and that end it. */
type Attack = readonly [what: string, messages: (peer: CryoPeer) => readonly (Buffer | string)[]];

const someKey = (): Buffer => new KeyPair().publicKey;
const text = (peer: CryoPeer): Buffer => peer.make.utf8(1, payloadCanary);
const record = (peer: CryoPeer): Buffer => peer.seal(text(peer));

function flipped(bytes: Buffer, at: number, bit = 0): Buffer {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 1 << bit;
  return copy;
}

const flip = (what: string, at: number, bit?: number): Attack => [
  `a bit changed in ${what}`,
  (peer) => [flipped(record(peer), at, bit)],
];

/** An honest record but for its iv. */
const withIv = (iv: Buffer) => (peer: CryoPeer) => [sealWith(peer.keys.send, iv, text(peer))];

const inTheClear: readonly Attack[] = [
  ["a text in the clear", (peer) => [text(peer)]],
  ["bytes in the clear", (peer) => [peer.make.binary(1, Buffer.alloc(100))]],
  ["a ping in the clear", (peer) => [peer.make.ping(1)]],
  ["a pong in the clear", (peer) => [peer.make.pong(0)]],
  ["an ACK in the clear", (peer) => [peer.make.ack(0)]],
  ["an ERROR in the clear", (peer) => [peer.make.error(1, "session_expired")]],
  ["HANDSHAKE_DONE once more", (peer) => [peer.make.done(0)]],
  ["its hello once more", (peer) => [peer.make.raw(0, peer.end === "client" ? 6 : 5, peer.pair.publicKey)]],
  ["a new SERVER_HELLO", (peer) => [peer.make.serverHello(1, someKey())]],
  ["a new CLIENT_HELLO", (peer) => [peer.make.clientHello(1, someKey())]],
  ["a text in the clear whose byte 20 says so, longer than a record", (peer) => [peer.make.utf8(1, "x".repeat(200))]],
  ["a frame of an unknown type in the clear", (peer) => [peer.make.raw(1, 200, Buffer.alloc(60))]],
  ["a WebSocket text message", () => ["hello"]],
  ["a WebSocket text message with a record in base64", (peer) => [record(peer).toString("base64")]],
];

const misshapen: readonly Attack[] = [
  ["an empty message", () => [Buffer.alloc(0)]],
  ["a single byte", () => [Buffer.alloc(1)]],
  ["an iv and a tag around nothing", (peer) => [peer.seal(Buffer.alloc(0))]],
  ["a record of 48 bytes, around a header without its type", (peer) => [peer.seal(text(peer).subarray(0, 20))]],
  ["49 bytes of zeros", () => [Buffer.alloc(49)]],
  ["a record without its tag", (peer) => [record(peer).subarray(0, -16)]],
  ["a tag cut to 4 bytes", (peer) => [record(peer).subarray(0, -12)]],
  ["a tag cut to 8 bytes", (peer) => [record(peer).subarray(0, -8)]],
  ["a tag cut to 12 bytes", (peer) => [record(peer).subarray(0, -4)]],
  ["a tag cut to 15 bytes", (peer) => [record(peer).subarray(0, -1)]],
  ["a record with a byte behind it", (peer) => [Buffer.concat([record(peer), Buffer.of(0)])]],
  ["a record with a byte before it", (peer) => [Buffer.concat([Buffer.of(0), record(peer)])]],
  ["a record without its iv", (peer) => [record(peer).subarray(12)]],
  ["two records in one message", (peer) => [Buffer.concat([record(peer), record(peer)])]],
  [
    "one record in two messages",
    (peer) => {
      const whole = peer.seal(peer.make.utf8(1, "x".repeat(200)));
      return [whole.subarray(0, 120), whole.subarray(120)];
    },
  ],
];

const forged: readonly Attack[] = [
  flip("the counter", 11),
  flip("the high byte of the counter", 8, 7),
  flip("the first zero of the iv", 0),
  flip("the last zero of the iv", 7, 7),
  flip("the encrypted session id", 12),
  flip("the encrypted number", 28),
  flip("the encrypted type", 32),
  flip("the encrypted text", 33),
  flip("the last encrypted byte", -17, 7),
  flip("the first byte of the tag", -16),
  flip("the last byte of the tag", -1, 7),
  ["an iv that begins with a one, honestly sealed", withIv(Buffer.concat([Buffer.of(1), ivOf(0).subarray(1)]))],
  ["an iv with a 64-bit counter, honestly sealed", withIv(Buffer.concat([Buffer.alloc(7), Buffer.of(1, 0, 0, 0, 0)]))],
  ["an iv of random bytes, honestly sealed", withIv(Buffer.from("d3adb33fd3adb33fd3adb33f", "hex"))],
  ["a record under the key of the other direction", (peer) => [sealWith(peer.keys.receive, ivOf(0), text(peer))]],
  ["a record under a key of zeros", (peer) => [sealWith(Buffer.alloc(16), ivOf(0), text(peer))]],
  [
    "a record with additional data",
    (peer) => [sealWith(peer.keys.send, ivOf(0), text(peer), Buffer.from(peer.make.id))],
  ],
  [
    "a record under keys that anybody could make",
    (peer) => {
      const { send } = new KeyPair().keysWith(someKey(), peer.end);
      return [sealWith(send, ivOf(0), text(peer))];
    },
  ],
];

const confused: readonly Attack[] = [
  ["another session's id in a record", (peer) => [peer.seal(flipped(text(peer), 0))]],
  ["another session's id in the record of an ACK", (peer) => [peer.seal(flipped(peer.make.ack(0), 15))]],
  ["a SERVER_HELLO in a record", (peer) => [peer.seal(peer.make.serverHello(1, someKey()))]],
  ["a CLIENT_HELLO in a record", (peer) => [peer.seal(peer.make.clientHello(1, someKey()))]],
  ["HANDSHAKE_DONE in a record", (peer) => [peer.seal(peer.make.done(0))]],
  ["a record in a record", (peer) => [peer.seal(record(peer))]],
];

/** Records around them change nothing: what came before is delivered, what comes after is not. */
async function assertRefused(meeting: CryoMeeting, messages: readonly (Buffer | string)[]): Promise<void> {
  const { peer, heard, ended } = meeting;
  for (const message of messages) peer.send(message);
  peer.send(peer.seal(peer.make.utf8(9, "after")));
  const { code, reason } = await peer.ended();
  assert.equal(code, 4011);
  assert.deepEqual(await ended, [code, reason]);
  assert.deepEqual(heard, ["secure", "utf8 before"]);
  assert.equal(reasons.add(reason).size, 1, [...reasons].join(" and "));
  await meeting.undisturbed();
}

/** Every failure of the cryptography looks the same from outside. */
const reasons = new Set<string>();

/** Both ends are secure and one message has passed: number 1, record 0. */
async function secured(meet: MeetInCryo, context: TestContext, options?: SharedCryoOptions): Promise<CryoMeeting> {
  const meeting = await meet(context, {}, options);
  await meeting.peer.connected();
  await meeting.peer.takeAck(meeting.peer.utf8("before"));
  return meeting;
}

for (const [end, meet] of cryoEnds) {
  describe(`a ${end} that is secure`, () => {
    for (const [what, messages] of [...inTheClear, ...misshapen, ...forged, ...confused]) {
      it(`refuses ${what}`, limits, async (context) => {
        const meeting = await secured(meet, context);
        await assertRefused(meeting, messages(meeting.peer));
      });
    }

    it("refuses its own record sent back to it", limits, async (context) => {
      const meeting = await secured(meet, context);
      meeting.session.SendUTF8("mine").catch(() => {});
      await meeting.peer.take("utf8");
      await assertRefused(meeting, [meeting.peer.messages.at(-1)!]);
    });

    it("refuses a record of another session of the same server", limits, async (context) => {
      const meeting = await secured(meet, context);
      const other = await secured(meet, context);
      await assertRefused(meeting, [record(other.peer)]);
      await other.peer.settled();
    });

    it("takes a record that is sent twice once, and refuses the second", limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await secured(meet, context);
      const once = peer.seal(peer.make.utf8(peer.expectAck(), "once"));
      peer.send(once);
      peer.send(once);
      assert.equal((await peer.ended()).code, 4011);
      assert.equal((await ended)[0], 4011);
      assert.deepEqual(heard, ["secure", "utf8 before", "utf8 once"]);
      await undisturbed();
    });

    it("refuses the very first record sent again after a thousand others", limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await secured(meet, context);
      const first = peer.seal(peer.make.ack(77), 5000);
      peer.send(first);
      for (let counter = 5001; counter < 6000; counter++) peer.send(peer.seal(peer.make.ack(77), counter));
      peer.send(first);
      assert.equal((await ended)[0], 4011);
      assert.deepEqual(heard, ["secure", "utf8 before"]);
      await undisturbed();
    });

    it("refuses another message under a counter that was used", limits, async (context) => {
      const meeting = await secured(meet, context);
      await assertRefused(meeting, [meeting.peer.seal(text(meeting.peer), 0)]);
    });

    it("drops 16 records that are older than the window, and refuses the 17th", limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await secured(meet, context);
      const old = (counter: number): void => peer.send(peer.seal(peer.make.utf8(2, payloadCanary), counter));
      peer.send(peer.seal(peer.make.utf8(peer.expectAck(), "ahead"), 10_000));
      for (let counter = 1; counter <= 16; counter++) old(counter);
      peer.send(peer.seal(peer.make.utf8(peer.expectAck(), "still here"), 10_001));
      await peer.takeAck(2);
      assert.deepEqual(heard, ["secure", "utf8 before", "utf8 ahead", "utf8 still here"]);
      old(17);
      assert.equal((await peer.ended()).code, 4011);
      assert.equal((await ended)[0], 4011);
      assert.equal(heard.length, 4);
      await undisturbed();
    });

    it("takes the last counter there is, and nothing that begins anew behind it", limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await secured(meet, context);
      peer.send(peer.seal(peer.make.utf8(peer.expectAck(), "the last"), 0xffff_ffff));
      await peer.takeAck(2);
      for (let counter = 1; counter <= 17; counter++) peer.send(peer.seal(text(peer), counter));
      assert.equal((await ended)[0], 4011);
      assert.deepEqual(heard, ["secure", "utf8 before", "utf8 the last"]);
      await undisturbed();
    });

    for (const [what, counters] of [
      ["a counter that goes back by one", [3, 2]],
      ["a counter that was used", [3, 3]],
      ["a gap of 33", [33]],
      ["a gap of 33 later on", [32, 64, 97]],
      ["the last counter there is", [0xffff_ffff]],
    ] as const) {
      it(`with strict order refuses ${what}`, limits, async (context) => {
        const { peer, heard, ended, undisturbed } = await secured(meet, context, { nonceOrder: "strict" });
        const good = counters.slice(0, -1);
        for (const counter of good) peer.send(peer.seal(peer.make.utf8(peer.expectAck(), `${counter}`), counter));
        peer.send(peer.seal(text(peer), counters.at(-1)!));
        assert.equal((await peer.ended()).code, 4011);
        assert.equal((await ended)[0], 4011);
        assert.deepEqual(heard, ["secure", "utf8 before", ...good.map((counter) => `utf8 ${counter}`)]);
        await undisturbed();
      });
    }

    it("refuses a record longer than the largest with 1009", limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await secured(meet, context);
      peer.send(peer.seal(peer.make.binary(1, Buffer.alloc(1_048_577))));
      assert.equal((await peer.ended()).code, 1009);
      assert.equal((await ended)[0], 1009);
      assert.deepEqual(heard, ["secure", "utf8 before"]);
      await undisturbed();
    });
  });
}
