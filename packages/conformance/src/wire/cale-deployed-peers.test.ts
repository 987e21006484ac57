import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomFrom } from "../random.js";
import { counterOf } from "./cale-by-hand.js";
import { CryoClientRig } from "./cryo-client-rig.js";
import { cryoEnds } from "./cryo-meeting.js";
import type { CryoPeer } from "./cryo-peer.js";
import { closing } from "./rig.js";

const limits = { timeout: 30_000 };

for (const [end, meet] of cryoEnds) {
  describe(`a ${end} with CALE and a deployed peer`, () => {
    it("make the same keys, and the same channel binding", limits, async (context) => {
      const { session, peer, heard } = await meet(context);
      await peer.connected();
      await peer.settled();
      assert.deepEqual(heard, ["secure"]);
      assert.equal(session.secure, true);
      assert.deepEqual(session.channelBinding, new Uint8Array(peer.keys.binding));
    });

    it("exchange messages of every length up to 1 MiB", limits, async (context) => {
      const { session, peer, heard } = await meet(context);
      await peer.connected();
      for (const length of [0, 1, 27, 28, 100, 65_536, 1_048_576]) {
        const bytes = Buffer.alloc(length, length % 251);
        await peer.takeAck(peer.binary(bytes));
        assert.equal(heard.at(-1), `binary ${bytes.toString("hex")}`);
        assert.equal(await session.SendBinary(bytes), true);
        assert.ok((await peer.take("binary")).bytes!.equals(bytes));
      }
    });

    it("never exchange a record that a deployed peer would take for plain", limits, async (context) => {
      const { session, peer } = await meet(context);
      await peer.connected();
      await peer.settled();
      const count = 3000;
      await Promise.all(Array.from({ length: count }, (_, index) => session.SendUTF8(`${index}`)));
      const records = peer.messages.filter((message) => message.readUInt32BE(0) === 0);
      assert.ok(records.length >= count);
      assert.ok(records.every((record) => record[20]! > 7));
      // Some 3 % would have been: their counters are left out.
      const left = counterOf(records.at(-1)!) + 1 - records.length;
      assert.ok(left > count * 0.01 && left < count * 0.06, `${left} counters of ${count} left out`);
    });

    it("agree on records out of order and with gaps, as deployed senders have them", limits, async (context) => {
      const seed = 20_260_729;
      const { session, peer, heard } = await meet(context);
      await peer.connected();
      const random = randomFrom(seed);
      const counters = Array.from({ length: 600 }, (_, index) => index * 3 + (random() % 3));
      for (let index = counters.length - 1; index > 0; index--) {
        const other = Math.max(0, index - (random() % 40));
        [counters[index], counters[other]] = [counters[other]!, counters[index]!];
      }
      for (const counter of counters) peer.send(peer.seal(peer.make.utf8(peer.expectAck(), `${counter}`), counter));
      await peer.take("ack", ({ ack }) => ack === counters.length, "the last ACK");
      assert.deepEqual(heard, ["secure", ...counters.map((counter) => `utf8 ${counter}`)], `seed ${seed}`);
      assert.equal(session.state, "open");
    });

    it("agree on a record 4095 counters behind the greatest", limits, async (context) => {
      const { peer, heard } = await meet(context);
      await peer.connected();
      for (const counter of [9000, 9000 - 4095]) {
        peer.send(peer.seal(peer.make.utf8(peer.expectAck(), `${counter}`), counter));
      }
      await peer.take("ack", ({ ack }) => ack === 2);
      assert.deepEqual(heard, ["secure", "utf8 9000", "utf8 4905"]);
    });

    for (const [what, payload] of [
      ["nothing", Buffer.alloc(0)],
      ["four zero bytes", Buffer.alloc(4)],
      ["a text", Buffer.from('{"ok":true}')],
      ["64 KiB", Buffer.alloc(65_536, 0xff)],
    ] as const) {
      it(`may put ${what} into HANDSHAKE_DONE`, limits, async (context) => {
        const { session, peer, heard } = await meet(context, { shakesHands: false });
        await shakeHands(peer, payload);
        await peer.settled();
        assert.equal(session.secure, true);
        assert.deepEqual(heard, ["secure"]);
      });
    }

    it("answer pongs with pings in records without a loop", limits, async (context) => {
      const { session, peer } = await meet(context, {
        onFrame: ({ name, text }, self) => {
          if (name === "pingPong" && text === "pong") self.ping();
        },
      });
      await peer.connected();
      peer.ping();
      for (let round = 0; round < 100; round++) assert.equal(await session.SendUTF8(`${round}`), true);
      assert.ok(peer.count("pingPong") <= 12, `${peer.count("pingPong")} answers`);
    });

    it("exchange errors, which are told and not acknowledged", limits, async (context) => {
      const { session, peer, heard } = await meet(context);
      await peer.connected();
      peer.error("session_expired");
      await peer.settled();
      assert.equal(await session.SendError("it broke"), true);
      assert.equal((await peer.take("error")).text, "it broke");
      assert.deepEqual(heard, ["secure", "error session_expired"]);
    });
  });
}

/** The peer's part of the handshake with another payload in HANDSHAKE_DONE. */
async function shakeHands(peer: CryoPeer, payload: Buffer): Promise<void> {
  if (peer.end === "server") {
    peer.hello();
    const { ack, bytes } = await peer.take("clientHello");
    peer.agree(bytes!);
    peer.send(peer.make.done(ack, payload));
    await peer.take("done");
    return;
  }
  peer.agree((await peer.take("serverHello")).bytes!);
  const ack = peer.hello();
  await peer.take("done");
  peer.send(peer.make.done(ack, payload));
  peer.becomeSecure();
}

describe("a client with CALE and a deployed server that sends before it is secure", () => {
  const byHand = { shakesHands: false };
  const compat = { acceptPlaintextBeforeFirstRecord: true };

  it("ends the session with 4011, unless it was told to put up with that", limits, async (context) => {
    const rig = await CryoClientRig.start(context, byHand);
    const client = await rig.dial();
    const heard: unknown[] = [];
    client.on("message-utf8", (text) => heard.push(text));
    const closed = closing(client);
    const peer = await rig.nextPeer();
    await shakeHands(peer, Buffer.from("null"));
    peer.send(peer.make.utf8(1, "too early"));
    assert.equal((await closed)[0], 4011);
    assert.deepEqual(heard, []);
  });

  it("takes what came before the first record and marks it, and nothing plain afterwards", limits, async (context) => {
    const rig = await CryoClientRig.start(context, byHand);
    const client = await rig.dial({ compat });
    const heard: unknown[] = [];
    client.on("message-utf8", (...message) => heard.push(message));
    const closed = closing(client);
    const peer = await rig.nextPeer();
    await shakeHands(peer, Buffer.from("null"));
    peer.send(peer.make.utf8(peer.expectAck(), "too early"));
    await peer.takeAck(1);
    await peer.takeAck(peer.utf8("in time"));
    peer.send(peer.make.utf8(3, "too late"));
    assert.equal((await closed)[0], 4011);
    assert.deepEqual(heard, [["too early", { plaintext: true }], ["in time"]]);
    // The ACK of the early message left in a record: the peer opened it.
  });
});
