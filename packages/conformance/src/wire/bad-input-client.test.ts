import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { VersionMismatchError } from "camp-client-node";
import { ClientRig, works } from "./client-rig.js";
import { code, u8 } from "./frames.js";
import type { Peer } from "./peer.js";
import { closing } from "./rig.js";

const limits = { timeout: 20_000 };
type Offence = readonly [title: string, frame: (peer: Peer) => Buffer | string];

const offences: readonly Offence[] = [
  ["a text message", () => "hello"],
  ["an empty message", () => Buffer.alloc(0)],
  ["a frame without a type", (peer) => peer.make.raw(0).subarray(0, 8)],
  ["a cut ACK", (peer) => peer.make.ack(0).subarray(0, 12)],
  ["a cut TX_START", (peer) => peer.make.start(1, 0, 1n, 0, "").subarray(0, 20)],
  ["a long TX_FINISH", (peer) => Buffer.concat([peer.make.finish(1, 0), u8(0)])],
  ["a text that is no UTF-8", (peer) => peer.make.utf8(1, Buffer.of(0xc3, 0x28))],
  ["a stream name that is no UTF-8", (peer) => peer.make.start(1, 0, 1n, 0, Buffer.of(0xff))],
  ["a stream name of 1025 bytes", (peer) => peer.make.start(1, 0, 1n, 0, "n".repeat(1025))],
  ["a binary of 1 MiB and a byte", (peer) => peer.make.binary(1, Buffer.alloc(1_048_577))],
  ["PING_PONG with other letters", (peer) => peer.make.raw(code.pingPong, Buffer.from("pong".toUpperCase()))],
  ["a stream of behaviour 2", (peer) => peer.make.start(1, 0, 1n, 2, "s")],
  ["a pull stream of unknown size", (peer) => peer.make.start(1, 0, -1n, 1, "s")],
  ["a second ENDPOINT_INFO with other features", (peer) => peer.make.info(1, 5n)],
  [
    "a frame of a foreign session",
    (peer) => {
      const frame = peer.make.utf8(1, "x");
      frame.writeBigUInt64BE(peer.make.sid ^ 1n);
      return frame;
    },
  ],
];

describe("bad input to a client", () => {
  for (const [title, frame] of offences) {
    it(`answers ${title} with an ERROR and 4001`, limits, async (context) => {
      const rig = await ClientRig.start(context);
      const { client, peer } = await rig.connect();
      const closed = closing(client);
      peer.send(frame(peer));
      assert.ok((await peer.take("error")).text!.length >= 10);
      const end = await peer.ended();
      assert.equal(end.code, 4001);
      assert.deepEqual(await closed, [4001, end.reason]);
    });
  }

  it("refuses a message larger than the largest legal frame with 1009", limits, async (context) => {
    const rig = await ClientRig.start(context);
    const { client, peer } = await rig.connect();
    const closed = closing(client);
    peer.send(peer.make.binary(1, Buffer.alloc(1_048_576 + 64)));
    assert.equal((await peer.ended()).code, 1009);
    assert.equal((await closed)[0], 1009);
  });

  it("answers 16 unknown types with ERROR and closes with 4001 at the 17th", limits, async (context) => {
    const rig = await ClientRig.start(context);
    const { client, peer } = await rig.connect();
    const closed = closing(client);
    for (let count = 0; count < 16; count++) {
      peer.send(peer.make.raw(100 + count));
      await peer.take("error");
    }
    await works(client, peer);
    peer.send(peer.make.raw(200));
    assert.equal((await peer.ended()).code, 4001);
    assert.equal((await closed)[0], 4001);
  });

  it("ignores stray ACKs and acknowledges frames of unknown streams", limits, async (context) => {
    const rig = await ClientRig.start(context);
    const { client, peer } = await rig.connect();
    peer.send(peer.make.ack(99));
    peer.chunk(3, 0, Buffer.of(1));
    await peer.takeAck(peer.finish(3));
    await peer.takeAck(peer.fetch(3, 0, 1));
    await peer.takeAck(peer.cancel(3));
    await works(client, peer);
  });

  it("says BYE to a server of another version and names both", limits, async (context) => {
    const rig = await ClientRig.start(context, { introducesItself: false });
    const client = await rig.dial({ reconnect: { minDelayMs: 1 } });
    const failed = once(client, "error");
    const closed = closing(client);
    const peer = await rig.nextPeer();
    peer.tracked((ack) => peer.make.info(ack, 1n, 2));
    await peer.take("bye");
    const [error] = await failed;
    assert.ok(error instanceof VersionMismatchError);
    assert.match(error.message, /\b1\b.*\b2\b|\b2\b.*\b1\b/);
    await peer.ended();
    await closed;
    assert.equal(rig.requests.length, 1, "it must not reconnect");
  });

  it("gives up a server that does not introduce itself", limits, async (context) => {
    const rig = await ClientRig.start(context, { introducesItself: false });
    const client = await rig.dial({ handshakeTimeoutMs: 60 });
    const closed = closing(client);
    assert.equal((await (await rig.nextPeer()).ended()).code, 4001);
    assert.equal((await closed)[0], 4001);
  });

  it("closes with 4002 for a stream of a server that did not announce transactions", limits, async (context) => {
    const rig = await ClientRig.start(context, { features: 0n });
    const { client, peer } = await rig.connect();
    const closed = closing(client);
    peer.send(peer.make.start(1, 0, 1n, 0, "s"));
    assert.equal((await peer.ended()).code, 4002);
    assert.equal((await closed)[0], 4002);
  });
});
