import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { AckTimeoutError, PayloadTooLargeError, SessionClosedError } from "cryo-server";
import { cryoCode } from "./cryo-frames.js";
import { cryoEnds } from "./cryo-meeting.js";
import type { CryoPeer } from "./cryo-peer.js";
import { failureOf } from "./patience.js";

const limits = { timeout: 20_000 };
const plain = { cale: false };
const MiB = 1_048_576;

/** Frames that are none, and what is wrong with them. */
const malformed: readonly (readonly [what: string, message: (peer: CryoPeer) => Buffer | string])[] = [
  ["an empty message", () => Buffer.alloc(0)],
  ["a header without its type", (peer) => peer.make.ack(0).subarray(0, 20)],
  ["an ACK with a payload", (peer) => peer.make.raw(0, cryoCode.ack, "x")],
  ["a PING_PONG with other letters", (peer) => peer.make.raw(0, cryoCode.pingPong, "pang")],
  ["a PING_PONG with none", (peer) => peer.make.raw(0, cryoCode.pingPong)],
  ["a text of another session", (peer) => changed(peer.make.utf8(0, "x"), 15)],
  ["an ACK of another session", (peer) => changed(peer.make.ack(0), 0)],
  ["a WebSocket text message", () => "hello"],
];

function changed(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame);
  copy[at]! ^= 1;
  return copy;
}

for (const [end, meet] of cryoEnds) {
  describe(`messages between a ${end} and a plain Cryo v1 peer`, () => {
    it("go both ways, text and binary, and are not called secure", limits, async (context) => {
      const { session, peer, heard } = await meet(context, plain);
      await peer.takeAck(peer.utf8("grüße 😀"));
      await peer.takeAck(peer.binary(Buffer.of(0, 255, 1)));
      await peer.takeAck(peer.utf8(""));
      assert.deepEqual(heard, ["utf8 grüße 😀", "binary 00ff01", "utf8 "]);
      assert.deepEqual([session.secure, session.channelBinding], [false, null]);

      assert.equal(await session.SendUTF8("zurück"), true);
      assert.equal(await session.SendBinary(Buffer.of(9)), true);
      assert.equal((await peer.take("utf8")).text, "zurück");
      assert.deepEqual((await peer.take("binary")).bytes, Buffer.of(9));
    });

    it("share numbers from 0 upward with pings and errors", limits, async (context) => {
      const { session, peer } = await meet(context, plain);
      await session.SendUTF8("a");
      await session.SendPing();
      await session.SendError("b");
      await session.SendBinary(Buffer.from("c"));
      const frames = peer.log.map(({ name, ack }) => `${name} ${ack}`);
      assert.deepEqual(frames, ["utf8 0", "pingPong 1", "error 2", "binary 3"]);
    });

    it("are acknowledged under whatever number they carry", limits, async (context) => {
      const { peer, heard } = await meet(context, { ...plain, acknowledges: false });
      for (const number of [0xffff_ffff, 0, 7, 7]) {
        peer.send(peer.make.utf8(number, `${number}`));
        await peer.takeAck(number);
      }
      assert.equal(heard.length, 4);
      assert.equal(peer.faults.splice(0).length, 4, "numbers that the peer did not keep");
    });

    it("wait for the ACK, however late and in whatever order", limits, async (context) => {
      const { session, peer } = await meet(context, { ...plain, acknowledges: false });
      const order: string[] = [];
      const sent = ["a", "b", "c"].map((text) => session.SendUTF8(text).then(() => order.push(text)));
      const frames = [await peer.take("utf8"), await peer.take("utf8"), await peer.take("utf8")];
      await peer.settled();
      assert.deepEqual(order, []);
      for (const frame of frames.reverse()) {
        peer.acknowledge(frame);
        await peer.settled();
      }
      await Promise.all(sent);
      assert.deepEqual(order, ["c", "b", "a"]);
    });

    it("keep the order of a thousand calls", limits, async (context) => {
      const { session, peer } = await meet(context, plain);
      const sent = Array.from({ length: 1000 }, (_, index) => session.SendUTF8(`${index}`));
      await Promise.all(sent);
      assert.deepEqual(
        peer.log.map(({ text, ack }) => [text, ack]),
        sent.map((_, index) => [`${index}`, index]),
      );
    });

    it("reject when no ACK comes, and the session lives on", limits, async (context) => {
      const { session, peer } = await meet(context, { ...plain, acknowledges: false }, { ackTimeoutMs: 40 });
      assert.ok((await failureOf(session.SendUTF8("unheard"))) instanceof AckTimeoutError);
      peer.acknowledge(await peer.take("utf8"));
      const second = session.SendUTF8("heard");
      peer.acknowledge(await peer.take("utf8"));
      assert.equal(await second, true);
    });

    it("reject when the session ends", limits, async (context) => {
      const { session, peer } = await meet(context, { ...plain, acknowledges: false });
      const sent = failureOf(session.SendUTF8("in flight"));
      await peer.take("utf8");
      session.Destroy();
      assert.ok((await sent) instanceof SessionClosedError);
      assert.ok((await failureOf(session.SendUTF8("late"))) instanceof SessionClosedError);
    });

    it("may have 1 MiB, and not a byte more", limits, async (context) => {
      const { session, peer, heard } = await meet(context, plain);
      assert.equal(await session.SendBinary(Buffer.alloc(MiB, 7)), true);
      assert.equal((await peer.take("binary")).bytes!.length, MiB);
      assert.ok((await failureOf(session.SendBinary(Buffer.alloc(MiB + 1)))) instanceof PayloadTooLargeError);
      await peer.takeAck(peer.binary(Buffer.alloc(MiB, 7)));
      assert.equal(heard.length, 1);
    });

    it("may be texts that were cut inside a character: what is left of it becomes U+FFFD", limits, async (context) => {
      const { session, peer, heard } = await meet(context, plain);
      await peer.takeAck(peer.utf8(Buffer.of(0x6f, 0x68, 0xe2, 0x82)));
      peer.error(Buffer.of(0xff, 0x21));
      await peer.settled();
      assert.deepEqual(heard, ["utf8 oh\uFFFD", "error \uFFFD!"]);
      assert.equal(session.stats.replacedTexts, 2);
    });
  });

  describe(`an ERROR between a ${end} and a plain Cryo v1 peer`, () => {
    it("is told and not acknowledged", limits, async (context) => {
      const { peer, heard } = await meet(context, plain);
      const texts = ["invalid_operation", "session_expired", "error", "unknown_error"];
      for (const text of texts) peer.error(text);
      await peer.settled();
      assert.deepEqual(
        heard,
        texts.map((text) => `error ${text}`),
      );
      assert.equal(peer.count("ack"), 0);
    });

    it("that this end sends does not wait for an ACK", limits, async (context) => {
      const { session, peer } = await meet(context, { ...plain, acknowledges: false });
      assert.equal(await session.SendError("it broke"), true);
      assert.equal((await peer.take("error")).text, "it broke");
    });
  });

  describe(`the heartbeat between a ${end} and a plain Cryo v1 peer`, () => {
    it("answers a ping under its number", limits, async (context) => {
      const { peer } = await meet(context, { ...plain, acknowledges: false });
      peer.send(peer.make.ping(4711));
      assert.equal((await peer.take("pingPong")).ack, 4711);
      assert.equal(peer.faults.splice(0).length, 1, "a number that the peer did not keep");
    });

    it("tells the round trip, and matches pongs by number", limits, async (context) => {
      const { session, peer } = await meet(context, { ...plain, answersPings: false });
      let settled = false;
      const ping = session.SendPing().then((ms) => {
        settled = true;
        return ms;
      });
      const { ack } = await peer.take("pingPong");
      peer.send(peer.make.pong(ack + 1));
      await peer.settled();
      assert.equal(settled, false);
      peer.send(peer.make.pong(ack));
      assert.ok((await ping) >= 0);
    });

    for (const [what, answer] of [
      ["the same number", (number: number, peer: CryoPeer) => peer.send(peer.make.ping(number))],
      ["a new number", (_number: number, peer: CryoPeer) => void peer.ping()],
    ] as const) {
      it(`does not loop with a peer that answers PONG with PING under ${what}`, limits, async (context) => {
        const { session, peer } = await meet(context, {
          ...plain,
          onFrame: ({ name, text, ack }, self) => {
            if (name === "pingPong" && text === "pong") answer(ack, self);
          },
        });
        peer.ping();
        for (let round = 0; round < 200; round++) assert.equal(await session.SendUTF8(`${round}`), true);
        assert.ok(peer.count("pingPong") <= 12, `${peer.count("pingPong")} answers`);
      });
    }

    it("pings, and takes any sign of life for one", limits, async (context) => {
      const { session, peer } = await meet(context, { ...plain, answersPings: false }, { keepAliveIntervalMs: 40 });
      for (let beat = 0; beat < 5; beat++) {
        await peer.take("pingPong", ({ text }) => text === "ping");
        peer.utf8("no pong, but a sign");
      }
      assert.equal(session.state, "open");
    });

    it("closes with 4001 when nothing at all comes", limits, async (context) => {
      const silent = { cale: false, answersPings: false, acknowledges: false };
      const { peer } = await meet(context, silent, { keepAliveIntervalMs: 40 });
      assert.equal((await peer.ended()).code, 4001);
    });
  });

  describe(`bad input from a plain Cryo v1 peer to a ${end}`, () => {
    for (const [what, message] of malformed) {
      it(`is answered with an ERROR and 4001: ${what}`, limits, async (context) => {
        const { peer, heard } = await meet(context, plain);
        peer.send(message(peer));
        peer.send(peer.make.utf8(1, "after"));
        assert.ok((await peer.take("error")).text!.length >= 10);
        const { code, reason } = await peer.ended();
        assert.equal(code, 4001);
        assert.ok(reason.length > 0 && Buffer.byteLength(reason) <= 123);
        assert.deepEqual(heard, []);
      });
    }

    it("is closed with 1009 when it is a byte longer than any frame can be", limits, async (context) => {
      const { peer, heard } = await meet(context, plain);
      peer.send(peer.make.binary(0, Buffer.alloc(MiB + 1)));
      assert.equal((await peer.ended()).code, 1009);
      assert.deepEqual(heard, []);
    });

    it("is answered with ERROR for 16 unknown types and closed with 4001 at the 17th", limits, async (context) => {
      const { session, peer } = await meet(context, plain);
      for (let type = 8; type < 24; type++) {
        peer.send(peer.make.raw(0, type, "whatever"));
        assert.match((await peer.take("error")).text!, new RegExp(`\\b${type}\\b`));
      }
      assert.equal(await session.SendUTF8("still here"), true);
      peer.send(peer.make.raw(0, 255));
      assert.equal((await peer.ended()).code, 4001);
    });

    it("is ignored and counted where it is an ACK or PONG that nobody waits for", limits, async (context) => {
      const { session, peer, heard } = await meet(context, plain);
      for (const number of [0, 0, 5, 0xffff_ffff]) peer.send(peer.make.ack(number));
      peer.send(peer.make.pong(3));
      await peer.settled();
      assert.equal(session.stats.strayAcks, 5);
      assert.equal(peer.count("error"), 0);
      assert.deepEqual(heard, []);
    });
  });

  describe(`closing between a ${end} and a plain Cryo v1 peer`, () => {
    it("lets what was sent be acknowledged, then closes with 4000 without a farewell", limits, async (context) => {
      const { session, peer, ended } = await meet(context, { ...plain, acknowledges: false });
      const sent = session.SendUTF8("the last word");
      const closed = session.Close("done");
      const frame = await peer.take("utf8");
      await peer.settled();
      assert.equal(peer.socket.readyState, peer.socket.OPEN);
      peer.acknowledge(frame);
      assert.deepEqual([await sent, await closed], [true, undefined]);
      assert.deepEqual(await peer.ended(), { code: 4000, reason: "done" });
      assert.deepEqual(await ended, [4000, "done"]);
      assert.deepEqual(
        peer.log.filter(({ name }) => name !== "pingPong").map(({ name }) => name),
        ["utf8"],
      );
    });

    it("is told with the peer's code and reason", limits, async (context) => {
      const { peer, ended } = await meet(context, plain);
      const told = once(peer.socket, "close");
      peer.socket.close(4000, "that was all");
      assert.deepEqual(await ended, [4000, "that was all"]);
      await told;
    });
  });
}
