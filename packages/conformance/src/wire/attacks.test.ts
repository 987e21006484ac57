import assert from "node:assert/strict";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { AckTimeoutError } from "camp-server";
import { heldBytes } from "./held-bytes.js";
import { pattern, sha256 } from "./meeting.js";
import { failureOf } from "./patience.js";
import { RawSession } from "./raw-session.js";
import { masked } from "./raw-upgrade.js";
import { ServerRig } from "./server-rig.js";

const limits = { timeout: 30_000 };
const MiB = 1_048_576;
const nobody = (): void => {};

describe("a peer that wants to exhaust the server", () => {
  it("is closed with 4001 when it does not read what it provokes", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody });
    const session = await RawSession.open(context, rig);
    const victim = rig.admittedAs(session.make.sid);
    const ended = once(victim, "closed") as Promise<[number, string]>;
    const before = heldBytes();
    const batch = Buffer.concat(Array.from({ length: 2000 }, () => masked(session.make.utf8(7, "x"))));
    let peak = 0;
    await session.flood(batch, 2000, (round) => {
      if (round % 100 === 0) peak = Math.max(peak, heldBytes() - before);
    });
    const [code, reason] = await ended;
    assert.equal(code, 4001);
    assert.match(reason, /read/);
    assert.ok(peak < 64 * MiB, `${peak} bytes held`);
    assert.equal(rig.server.sessions.size, 0);
  });

  it("makes acknowledgements time out by never sending any, and nothing more", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody, ackTimeoutMs: 150 });
    const peer = await rig.connect({ acknowledges: false });
    const session = rig.sessionOf(peer);
    const failures = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => failureOf(session.base.SendUTF8(`${index}`))),
    );
    assert.ok(failures.every((error) => error instanceof AckTimeoutError));
    assert.equal(peer.count("utf8"), 1000);
    assert.equal(session.stats.unackedFrames, 0);
    assert.equal(session.state, "open");
    await peer.takeAck(peer.utf8("and yet it works"));
  });

  it("is sent no more than 65 536 frames that it does not acknowledge", { timeout: 60_000 }, async (context) => {
    const backpressure = { maxQueueCount: 100, dropPolicy: "drop-newest" } as const;
    const rig = await ServerRig.start(context, { onSession: nobody, backpressure });
    const peer = await rig.connect({ acknowledges: false });
    const session = rig.sessionOf(peer);
    const frames = 65_536;
    let dropped = 0;
    const drops = Promise.all(
      Array.from({ length: frames + 1000 }, () => session.base.SendUTF8("").then(nobody, () => dropped++)),
    );
    await peer.take("utf8", (frame) => frame.ack! >= frames - 1, "the last frame of the window");
    await peer.settled();
    assert.equal(peer.count("utf8"), frames);
    assert.equal(session.writable, false);
    assert.ok(session.stats.queuedFrames <= 100);
    session.Destroy();
    await drops;
    assert.equal(dropped, frames + 1000);
  });

  it("gets ten answers to ten thousand pings", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const peer = await rig.connect();
    const begun = performance.now();
    for (let count = 0; count < 10_000; count++) peer.send(peer.make.ping());
    await peer.takeAck(peer.utf8("after the flood"));
    await peer.take("utf8");
    const refilled = Math.ceil((performance.now() - begun) / 1000);
    const answers = peer.count("pingPong");
    assert.ok(answers >= 10 && answers <= 10 + refilled, `${answers} answers`);
    assert.equal(rig.sessionOf(peer).stats.unansweredPings, 10_000 - answers);
    await rig.verifyEcho();
  });

  it("has 64 streams waiting and all others of ten thousand cancelled", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const peer = await rig.connect();
    for (let txId = 0; txId < 10_000; txId++) peer.start(txId, -1n, 0, `s${txId}`);
    for (let count = 0; count < 10_000 - 64; count++) {
      const { txId } = await peer.take("cancel");
      assert.ok(txId! >= 64);
    }
    await peer.settled();
    assert.equal(peer.count("cancel"), 10_000 - 64);
    assert.equal(rig.sessionOf(peer).stats.openStreams, 64);
    await rig.verifyEcho();
    const stream = await rig.sessionOf(peer).transaction.WaitForStream("s63");
    assert.equal(stream.txId, 63);
  });

  it("has at most 256 claimed streams open", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const peer = await rig.connect();
    const { transaction, stats } = rig.sessionOf(peer);
    const claims = Array.from({ length: 300 }, () => transaction.WaitForStream("s").catch(() => null));
    for (let txId = 0; txId < 300; txId++) peer.start(txId, -1n, 0, "s");
    for (let txId = 256; txId < 300; txId++) assert.equal((await peer.take("cancel")).txId, txId);
    assert.equal(stats.openStreams <= 256, true);
    await peer.settled();
    assert.equal(rig.sessionOf(peer).stats.openStreams, 256);
    await rig.verifyEcho();
    peer.socket.terminate();
    await Promise.all(claims);
  });

  it("is served at most 64 waiting fetches", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody });
    const peer = await rig.connect();
    const failed = failureOf(
      rig.sessionOf(peer).transaction.Stream(pattern(8 * MiB), { behaviour: "pull", streamName: "p" }),
    );
    await peer.take("start");
    for (let count = 0; count < 200; count++) peer.fetch(0, 0, 8 * MiB - 1);
    await failed;
    await peer.take("error");
    await peer.settled();
    const served = peer.log.reduce((sum, frame) => sum + (frame.bytes?.length ?? 0), 0);
    assert.ok(served < 64 * 8 * MiB, `${served} bytes for 200 small frames`);
    assert.equal(peer.count("finish"), 0);
  });

  it("is served at most 64 MiB of a small stream", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody });
    const peer = await rig.connect();
    const size = MiB;
    const failed = failureOf(
      rig.sessionOf(peer).transaction.Stream(pattern(size), { behaviour: "pull", streamName: "p" }),
    );
    await peer.take("start");
    let served = 0;
    let refused = false;
    const error = peer.take("error").then(() => {
      refused = true;
    });
    for (let round = 0; round < 80 && !refused; round++) {
      await peer.takeAck(peer.fetch(0, 0, size - 1));
      for (let offset = 0; offset < size - 1 && !refused; ) {
        const chunk = await Promise.race([peer.take("chunk"), error]);
        if (chunk === undefined) break;
        offset = Number(chunk.offset) + chunk.bytes!.length;
        served += chunk.bytes!.length;
      }
    }
    await error;
    await failed;
    assert.ok(served > 60 * MiB && served <= 64 * MiB, `${served} bytes`);
    await peer.takeAck(peer.fetch(0, 0, 1));
  });

  it("may make at most 1024 holes in a pull stream", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody });
    const peer = await rig.connect();
    const failed = failureOf(rig.sessionOf(peer).transaction.Stream(pattern(10_000), { behaviour: "pull" }));
    await peer.take("start");
    let gone = false;
    failed.then(
      () => {
        gone = true;
      },
      () => {},
    );
    let fetched = 0;
    for (; fetched < 2000 && !gone; fetched++) await peer.takeAck(peer.fetch(0, fetched * 3, fetched * 3 + 1));
    await failed;
    await peer.take("error");
    assert.ok(fetched >= 1024 && fetched < 1100, `${fetched} fetches`);
  });

  it("cannot fill the memory with a stream that nobody reads", limits, async (context) => {
    const rig = await ServerRig.start(context, { streamStallTimeoutMs: 100, onSession: nobody });
    const peer = await rig.connect();
    const before = heldBytes();
    peer.start(0, -1n, 0, "nobody asked");
    for (let offset = 0; offset < 32 * MiB; offset += MiB) peer.chunk(0, offset, Buffer.alloc(MiB));
    await peer.take("cancel");
    assert.ok(heldBytes() - before < 96 * MiB, "more than what the peer itself has to hold");
    await peer.settled();
    assert.equal(rig.sessionOf(peer).stats.openStreams, 0);
  });

  it("may send a large stream byte by byte", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const peer = await rig.connect();
    const content = pattern(100_000);
    const read = rig.sessionOf(peer).transaction.WaitForStream("drops").then(buffer);
    await peer.takeAck(peer.start(0, BigInt(content.length), 0, "drops"));
    const before = heldBytes();
    for (let offset = 0; offset < content.length; offset++) peer.chunk(0, offset, content.subarray(offset, offset + 1));
    const finish = peer.finish(0);
    await rig.verifyEcho();
    await peer.takeAck(finish);
    assert.equal(sha256(await read), sha256(content));
    assert.ok(heldBytes() - before < 96 * MiB);
  });

  it("holds little with a stream of bytes that nobody reads", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody });
    const peer = await rig.connect();
    const streaming = rig.sessionOf(peer).transaction.WaitForStream("drops");
    await peer.takeAck(peer.start(0, -1n, 0, "drops"));
    await streaming;
    const before = heldBytes();
    for (let offset = 0; offset < 200_000; offset++) peer.chunk(0, offset, Buffer.of(offset & 255));
    await peer.settled();
    const bytes = heldBytes() - before;
    assert.ok(bytes < 64 * MiB, `${bytes} bytes held for 200 000`);
  });
});
