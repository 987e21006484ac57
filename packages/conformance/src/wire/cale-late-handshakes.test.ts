import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { cryoEnds } from "./cryo-meeting.js";
import type { CryoPeer } from "./cryo-peer.js";
import { CryoServerRig } from "./cryo-server-rig.js";
import { payloadCanary } from "./secrets.js";

const limits = { timeout: 20_000 };
const habits = { shakesHands: false };
/** Long enough for a machine that is busy, and short enough for a test. */
const options = { handshakeTimeoutMs: 400 };

/** Keeps the connection busy with what is no frame until it is over. */
async function linger(peer: CryoPeer, message: () => void): Promise<void> {
  const { socket } = peer;
  while (socket.readyState === socket.OPEN) {
    message();
    socket.ping();
    await Promise.race([once(socket, "pong"), peer.closed]);
  }
}

for (const [end, meet] of cryoEnds) {
  /** A server that says no hello does not know CALE; a client that says none has failed. */
  const silentCode = end === "server" ? 4011 : 4010;

  describe(`a ${end} that waits for the handshake`, () => {
    it(`ends a silent peer with ${silentCode}`, limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await meet(context, habits, options);
      assert.equal((await peer.ended()).code, silentCode);
      assert.equal((await ended)[0], silentCode);
      assert.deepEqual(heard, []);
      await undisturbed();
    });

    it(`ends a peer with ${silentCode} that shows life by WebSocket pings alone`, limits, async (context) => {
      const { peer, ended, undisturbed } = await meet(context, habits, options);
      await linger(peer, () => {});
      assert.equal((await ended)[0], silentCode);
      await undisturbed();
    });

    it(`ends a peer with ${silentCode} whose hello comes byte by byte and never ends`, limits, async (context) => {
      const { peer, ended, undisturbed } = await meet(context, habits, options);
      const hello = peer.make.raw(0, peer.end === "client" ? 6 : 5, peer.pair.publicKey);
      let sent = 0;
      await linger(peer, () => {
        if (sent < hello.length - 1) peer.socket.send(hello.subarray(sent, ++sent), { fin: false });
      });
      assert.equal((await ended)[0], silentCode);
      await undisturbed();
    });

    it("ends a peer that stops after its hello with 4011", limits, async (context) => {
      const { peer, heard, ended, undisturbed } = await meet(context, habits, options);
      peer.hello();
      assert.equal((await peer.ended()).code, 4011);
      assert.equal((await ended)[0], 4011);
      assert.deepEqual(heard, []);
      await undisturbed();
    });

    it("sends nothing that the application sends meanwhile, and then rejects it", limits, async (context) => {
      const { session, peer, ended } = await meet(context, habits, options);
      const sent = [session.SendUTF8(payloadCanary), session.SendBinary(Buffer.from(payloadCanary))];
      const outcomes = Promise.allSettled(sent);
      peer.hello();
      await ended;
      for (const { status } of await outcomes) assert.equal(status, "rejected");
      for (const message of peer.messages) assert.ok(!message.includes(payloadCanary));
    });
  });
}

describe("a server of CALE", () => {
  it("lets two hundred peers that never shake hands go, and serves others meanwhile", limits, async (context) => {
    const rig = await CryoServerRig.start(context, { handshakeTimeoutMs: 1000 });
    const peers = Array.from({ length: 200 }, () => rig.open(habits));
    await Promise.all(peers.map((peer) => peer.take("serverHello")));
    await rig.invite();
    for (const peer of peers) assert.equal((await peer.ended()).code, 4011);
    await rig.allGone();
    await rig.verify();
    const keys = peers.map((peer) => peer.log[0]!.bytes!.toString("hex"));
    assert.equal(new Set(keys).size, peers.length, "a key was used twice");
  });

  it("answers the first of a thousand hellos and refuses the second", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    await rig.invite();
    const peer = rig.open(habits);
    await peer.take("serverHello");
    for (let count = 0; count < 1000; count++) peer.hello();
    assert.equal((await peer.ended()).code, 4011);
    assert.deepEqual(
      peer.log.map(({ name }) => name),
      ["serverHello", "done"],
    );
    await rig.endOf(peer);
    await rig.verify();
  });

  it("forgets peers that leave in the middle of the handshake", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    await rig.invite();
    const peers = Array.from({ length: 60 }, () => rig.open(habits));
    for (const [index, peer] of peers.entries()) {
      peer.agree((await peer.take("serverHello")).bytes!);
      if (index % 3 > 0) peer.hello();
      if (index % 3 > 1) await peer.take("done");
      peer.socket.terminate();
    }
    await Promise.all(peers.map((peer) => rig.endOf(peer)));
    await rig.verify();
  });
});
