import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { code, u8, u32, u64 } from "./frames.js";
import type { Peer } from "./peer.js";
import { ServerRig } from "./server-rig.js";

const limits = { timeout: 20_000 };

/** The session goes on: a text comes back. */
async function goesOn(peer: Peer): Promise<void> {
  await peer.takeAck(peer.utf8("still here"));
  assert.equal((await peer.take("utf8", (frame) => frame.text === "still here")).text, "still here");
}

describe("input that a server puts up with", () => {
  it("ignores ACKs for numbers that are not outstanding and counts them", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    for (const number of [0, 0, 1, 7, 0xffff_ffff]) peer.send(peer.make.ack(number));
    await goesOn(peer);
    assert.equal(rig.sessionOf(peer).stats.strayAcks, 5);
    assert.equal(peer.count("error"), 0);
  });

  it("acknowledges FINISH, FETCH and CANCEL of unknown streams, and ignores their chunks", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    await peer.takeAck(peer.finish(5));
    await peer.takeAck(peer.fetch(5, 0, 10));
    await peer.takeAck(peer.cancel(5));
    await peer.takeAck(peer.fetch(5, 10, 0));
    peer.chunk(5, 0, Buffer.from("lost"));
    peer.chunk(0xffff_ffff, 2n ** 64n - 2n, Buffer.of(1));
    await goesOn(peer);
    assert.equal(rig.sessionOf(peer).stats.strayFrames, 6);
    assert.equal(peer.count("cancel"), 0);
  });

  it("answers 16 frames of unknown type with ERROR and closes with 4001 at the 17th", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const peer = await rig.connect();
    for (let type = 32; type < 48; type++) {
      peer.send(peer.make.raw(type, Buffer.from("whatever")));
      const { text } = await peer.take("error");
      assert.match(text!, new RegExp(`\\b${type}\\b`));
    }
    await goesOn(peer);
    peer.send(peer.make.raw(99));
    assert.equal((await peer.ended()).code, 4001);
    await rig.endOf(peer);
    await rig.verify();
  });

  it("takes TX_ABORT for an unknown type when stream control was not negotiated", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    peer.send(peer.make.abort(1, 0, "no"));
    assert.match((await peer.take("error")).text!, /\b16\b/);
    await goesOn(peer);
  });

  for (const [what, features] of [
    ["reserved feature bits", 1n | (0xffn << 1n) | (1n << 63n)],
    ["no feature at all", 0n],
  ] as const) {
    it(`gets on with a peer that announces ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      await goesOn(await rig.connect({ features }));
    });
  }

  it("acknowledges an equal second ENDPOINT_INFO", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    await peer.takeAck(peer.introduce());
    await goesOn(peer);
  });

  it("accepts messages before ENDPOINT_INFO and answers once it came", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = rig.open({ introducesItself: false });
    await peer.take("info");
    await peer.takeAck(peer.utf8("early"));
    assert.equal(peer.count("utf8"), 0);
    await peer.takeAck(peer.introduce());
    assert.equal((await peer.take("utf8")).text, "early");
  });

  it("keeps empty and largest messages as they are", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    const largest = Buffer.alloc(1_048_576, 7);
    peer.utf8("");
    peer.binary(Buffer.alloc(0));
    peer.binary(largest);
    peer.utf8("ü".repeat(524_288));
    peer.utf8("\uFEFFmarked \0 😀");
    assert.equal((await peer.take("utf8")).text, "");
    assert.equal((await peer.take("binary")).bytes!.length, 0);
    assert.ok((await peer.take("binary")).bytes!.equals(largest));
    assert.equal((await peer.take("utf8")).text, "ü".repeat(524_288));
    assert.equal((await peer.take("utf8")).text, "\uFEFFmarked \0 😀");
  });

  it("reads an ERROR that was cut inside a character", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    const heard = once(rig.sessionOf(peer), "message-error");
    await peer.takeAck(peer.tracked((ack) => peer.make.error(ack, Buffer.of(0x6f, 0x68, 0xe2, 0x82))));
    assert.deepEqual(await heard, ["oh\uFFFD"]);
    assert.equal(rig.sessionOf(peer).stats.replacedTexts, 1);
    await goesOn(peer);
  });

  it("reads a BYE that was cut inside a character", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect();
    await peer.takeAck(peer.bye(Buffer.of(0x6f, 0x68, 0xe2, 0x82)));
    assert.equal((await peer.ended()).code, 4000);
    assert.deepEqual(await rig.endOf(peer), [4000, "oh\uFFFD"]);
  });

  it("echoes whatever number a frame carries", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect({ acknowledges: false });
    for (const number of [0xffff_ffff, 3, 3, 0]) {
      peer.send(peer.make.utf8(number, "n"));
      await peer.takeAck(number);
    }
    assert.equal(peer.faults.length, 4);
    peer.faults.length = 0;
  });
});

describe("the beginning of a session on a server", () => {
  for (const [what, frame] of [
    ["TX_START", (peer: Peer) => peer.make.start(0, 0, 1n, 0, "s")],
    ["TX_CHUNK", (peer: Peer) => peer.make.chunk(0, 0n, Buffer.of(1))],
    ["TX_FETCH", (peer: Peer) => peer.make.fetch(0, 0, 0n, 1n)],
    ["TX_FINISH", (peer: Peer) => peer.make.finish(0, 0)],
    ["TX_CANCEL", (peer: Peer) => peer.make.cancel(0, 0)],
  ] as const) {
    it(`closes with 4002 for ${what} before ENDPOINT_INFO`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      await rig.invite();
      const peer = rig.open({ introducesItself: false });
      await peer.take("info");
      peer.send(frame(peer));
      const end = await peer.ended();
      assert.equal(end.code, 4002);
      assert.ok(end.reason.length > 0);
      await rig.endOf(peer);
      await rig.verify();
    });

    it(`closes with 4002 for ${what} of a peer that did not announce transactions`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      await rig.invite();
      const peer = await rig.connect({ features: 0n });
      peer.send(frame(peer));
      const end = await peer.ended();
      assert.equal(end.code, 4002);
      assert.ok(end.reason.length > 0);
      await rig.endOf(peer);
      await rig.verify();
    });
  }

  for (const [what, info] of [
    ["2", (peer: Peer) => peer.make.info(0, 1n, 2)],
    ["0", (peer: Peer) => peer.make.info(0, 1n, 0)],
    ["4294967295", (peer: Peer) => peer.make.info(0, 1n, 0xffff_ffff)],
    ["2 in a shorter frame", (peer: Peer) => peer.make.raw(code.info, u32(0), u32(2))],
    ["3 in a longer frame", (peer: Peer) => peer.make.raw(code.info, u32(0), u32(3), u64(1n), Buffer.alloc(40), u8(1))],
  ] as const) {
    it(`closes with 4001 for a peer of version ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      await rig.invite();
      const peer = rig.open({ introducesItself: false });
      await peer.take("info");
      peer.send(info(peer));
      const end = await peer.ended();
      assert.equal(end.code, 4001);
      assert.match(end.reason, /\b1\b/);
      assert.match(end.reason, new RegExp(`\\b${Number.parseInt(what, 10)}\\b`));
      await rig.endOf(peer);
      await rig.verify();
    });
  }

  it("closes with 4001 when no ENDPOINT_INFO comes in time", limits, async (context) => {
    const rig = await ServerRig.start(context, { handshakeTimeoutMs: 60 });
    await rig.invite();
    const peer = rig.open({ introducesItself: false });
    peer.socket.once("open", () => peer.utf8("hello"));
    assert.equal((await peer.ended()).code, 4001);
    await rig.endOf(peer);
    await rig.verify();
  });

  it("sends its own ENDPOINT_INFO at once, version 1 with transactions", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = rig.open({ introducesItself: false });
    const info = await peer.take("info");
    assert.equal(info.ack, 0);
    assert.equal(info.version, 1);
    assert.equal(info.features! & 1n, 1n);
    assert.equal(info.features! & 0xffff_fffen, 0n, "bits 1 to 31 are reserved");
  });
});
