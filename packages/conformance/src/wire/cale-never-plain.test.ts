import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { CryoClientRig, worksInCryo } from "./cryo-client-rig.js";
import { cryoEnds } from "./cryo-meeting.js";
import type { CryoPeer } from "./cryo-peer.js";
import { CryoServerRig } from "./cryo-server-rig.js";
import { failureOf } from "./patience.js";
import { closing } from "./rig.js";
import { payloadCanary } from "./secrets.js";

const limits = { timeout: 20_000 };
const byHand = { shakesHands: false };
const reconnect = { minDelayMs: 1, maxDelayMs: 4, maxAttempts: 5 };

/** Plays the server's part of a handshake that the test held up until now. */
async function shakeHands(peer: CryoPeer): Promise<void> {
  peer.hello();
  const { ack, bytes } = await peer.take("clientHello");
  peer.agree(bytes!);
  peer.send(peer.make.done(ack));
  await peer.take("done");
}

function assertNothingReadable(peer: CryoPeer): void {
  for (const message of peer.messages) assert.ok(!message.includes(payloadCanary), message.toString("latin1"));
}

for (const [end, meet] of cryoEnds) {
  describe(`what a ${end} that asked for CALE sends`, () => {
    it("waits until both ends are secure and is a record then, in the order of the calls", limits, async (context) => {
      const { session, peer } = await meet(context);
      const sent = [
        session.SendUTF8(`${payloadCanary} 1`),
        session.SendBinary(Buffer.from(`${payloadCanary} 2`)),
        session.SendError(`${payloadCanary} 3`),
        session.SendUTF8(`${payloadCanary} 4`),
      ];
      assert.equal(session.secure, false);
      assert.deepEqual(await Promise.all(sent), [true, true, true, true]);
      assert.equal(session.secure, true);
      assert.equal((await peer.take("utf8")).text, `${payloadCanary} 1`);
      assert.equal((await peer.take("binary")).bytes!.toString(), `${payloadCanary} 2`);
      assert.equal((await peer.take("error")).text, `${payloadCanary} 3`);
      assert.equal((await peer.take("utf8")).text, `${payloadCanary} 4`);
      assertNothingReadable(peer);
    });

    it("is nothing but records afterwards, pings, pongs and acknowledgements as well", limits, async (context) => {
      const { session, peer } = await meet(context, {}, { keepAliveIntervalMs: 50 });
      await peer.connected();
      await peer.settled();
      await peer.takeAck(peer.utf8("to be acknowledged"));
      assert.ok((await session.SendPing()) >= 0);
      await peer.take("pingPong", ({ text }) => text === "ping", "a beat");
      peer.send(peer.seal(peer.make.raw(9, 99)));
      assert.match((await peer.take("error")).text!, /\b99\b/);
      // The peer opened each of them, or it would have been a fault.
      peer.check();
    });
  });
}

describe("a client that asked for CALE and reconnects", () => {
  it("sends nothing but its hello before the next connection is secure, under fresh keys", limits, async (context) => {
    const rig = await CryoClientRig.start(context, { ...byHand, acknowledges: false });
    const client = await rig.dial({ reconnect });
    const first = await rig.nextPeer();
    await shakeHands(first);
    const lost = client.SendUTF8(`${payloadCanary} lost`);
    await first.take("utf8");
    const disconnected = once(client, "disconnected");
    first.socket.terminate();
    await disconnected;
    assert.equal(client.secure, false);
    assert.equal(client.channelBinding, null);
    const meanwhile = client.SendBinary(Buffer.from(`${payloadCanary} meanwhile`));

    const second = await rig.nextPeer();
    second.hello();
    const hello = await second.take("clientHello");
    assert.equal(second.messages.length, 1);
    assert.notDeepEqual(hello.bytes, first.log[0]!.bytes, "the client used its key twice");
    second.agree(hello.bytes!);
    second.send(second.make.done(hello.ack));
    await second.take("done");
    const again = await second.take("utf8");
    assert.equal(again.text, `${payloadCanary} lost`);
    second.acknowledge(again);
    const next = await second.take("binary");
    second.acknowledge(next);
    assert.deepEqual(await Promise.all([lost, meanwhile]), [true, true]);
    assert.deepEqual(client.channelBinding, new Uint8Array(second.keys.binding));
    for (const peer of [first, second]) assertNothingReadable(peer);
  });

  it("takes no record of an earlier connection", limits, async (context) => {
    const rig = await CryoClientRig.start(context);
    const { client, peer } = await rig.connect({ reconnect });
    await worksInCryo(client, peer);
    peer.socket.terminate();
    const second = await rig.nextPeer();
    await second.connected();
    await worksInCryo(client, second);
    const heard: string[] = [];
    client.on("message-utf8", (text) => heard.push(text));
    second.send(peer.seal(peer.make.utf8(9, payloadCanary)));
    assert.equal((await closing(client))[0], 4011);
    assert.deepEqual(heard, []);
    assert.equal(rig.requests.length, 2);
  });

  for (const [what, downgrade] of [
    ["in the clear", (peer: CryoPeer) => peer.send(peer.make.utf8(0, payloadCanary))],
    ["with a ping in the clear", (peer: CryoPeer) => peer.send(peer.make.ping(0))],
    ["without a word", () => {}],
  ] as const) {
    it(`is told nothing and tells nothing when the server comes back ${what}`, limits, async (context) => {
      const rig = await CryoClientRig.start(context, byHand);
      const client = await rig.dial({ reconnect, handshakeTimeoutMs: 600 });
      const heard: string[] = [];
      client.on("message-utf8", (text) => heard.push(text));
      const first = await rig.nextPeer();
      await shakeHands(first);
      const disconnected = once(client, "disconnected");
      first.socket.terminate();
      await disconnected;
      const waiting = failureOf(client.SendUTF8(payloadCanary));
      const closed = closing(client);
      const second = await rig.nextPeer();
      downgrade(second);
      assert.equal((await second.ended()).code, 4010);
      assert.equal((await closed)[0], 4010);
      await waiting;
      assert.deepEqual(heard, []);
      assert.deepEqual(second.messages, []);
      assert.equal(rig.requests.length, 2);
    });
  }
});

describe("a server that asked for CALE", () => {
  it("makes fresh keys for the next connection of the same session", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    const peer = await rig.connect();
    const { id } = peer.make;
    await peer.settled();
    const bindings = [Buffer.from(rig.sessionOf(peer).channelBinding!)];
    peer.socket.terminate();
    await rig.endOf(peer);
    const next = await rig.connect({ id });
    await next.settled();
    bindings.push(Buffer.from(rig.sessionOf(next).channelBinding!));
    assert.deepEqual(bindings, [peer.keys.binding, next.keys.binding]);
    assert.notDeepEqual(peer.log[0]!.bytes, next.log[0]!.bytes);
    next.send(peer.seal(next.make.utf8(9, payloadCanary)));
    assert.equal((await next.ended()).code, 4011);
  });
});
