import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { StreamDataError, StreamSourceError } from "camp-server";
import type { Frame } from "./frames.js";
import { ends, pattern, sha256 } from "./meeting.js";
import { failureOf } from "./patience.js";
import type { Peer } from "./peer.js";

const limits = { timeout: 20_000 };
const features = 1n | (1n << 32n);
const unasked = 262_144;
const KiB = 1024n;

const sentBytes = (peer: Peer): number =>
  peer.log.reduce((sum, frame) => sum + (frame.name === "chunk" ? frame.bytes!.length : 0), 0);

/** Takes chunks until so many bytes came. */
async function takeBytes(peer: Peer, end: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let frame: Frame;
  do {
    frame = await peer.take("chunk");
    parts.push(frame.bytes!);
  } while (Number(frame.offset) + frame.bytes!.length < end);
  return Buffer.concat(parts);
}

for (const [name, meet] of ends) {
  describe(`${name} with a peer that knows stream control`, () => {
    it("announces bit 32", limits, async (context) => {
      const { peer } = await meet(context, { features });
      assert.equal(peer.log.find((frame) => frame.name === "info")!.features! & (1n << 32n), 1n << 32n);
    });

    it("sends 256 KiB unasked and never past what is granted", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const content = pattern(1_000_000);
      const sent = session.transaction.Stream(content, { streamName: "s" });
      const parts = [await takeBytes(peer, unasked)];
      await peer.settled();
      assert.equal(sentBytes(peer), unasked);
      for (const end of [unasked + 1, 300_000, 700_000, 2_000_000]) {
        await peer.takeAck(peer.fetch(0, sentBytes(peer), end));
        parts.push(await takeBytes(peer, Math.min(end, content.length)));
        await peer.settled();
        assert.equal(sentBytes(peer), Math.min(end, content.length));
      }
      await peer.take("finish");
      await sent;
      assert.equal(sha256(Buffer.concat(parts)), sha256(content));
    });

    it("takes no credit back", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const sent = session.transaction.Stream(pattern(600_000));
      await takeBytes(peer, unasked);
      await peer.takeAck(peer.fetch(0, unasked, 400_000));
      await takeBytes(peer, 400_000);
      await peer.takeAck(peer.fetch(0, 100, 300_000));
      await peer.takeAck(peer.fetch(0, unasked, 500_000));
      await takeBytes(peer, 500_000);
      await peer.settled();
      assert.equal(sentBytes(peer), 500_000);
      peer.fetch(0, 500_000, 600_000);
      await sent;
    });

    it("lets messages and other streams pass one that waits for credit", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const stuck = session.transaction.Stream(pattern(600_000), { streamName: "stuck" });
      await takeBytes(peer, unasked);
      assert.equal(await session.base.SendUTF8("past it"), true);
      await session.transaction.Stream(pattern(100_000), { streamName: "past it, too" });
      assert.equal(peer.log.filter((frame) => frame.name === "finish").length, 1);
      peer.fetch(0, unasked, 600_000);
      await stuck;
    });

    it("grants the window again as the reader takes, and never less than before", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const content = pattern(5_000_000);
      const read = session.transaction.WaitForStream("s").then(buffer);
      await peer.takeAck(peer.start(0, 5_000_000n, 0, "s"));
      let granted = unasked;
      let taken = 0n;
      let at = 0;
      while (at < content.length) {
        while (at >= granted) {
          const { start, end } = await peer.take("fetch");
          assert.ok(start! >= taken && start! <= BigInt(at), "start is what the reader took");
          assert.ok(end! >= BigInt(granted), "credit does not go down");
          assert.ok(end! - start! <= 4096n * KiB, "the window is at most 4 MiB");
          taken = start!;
          granted = Number(end);
        }
        const end = Math.min(content.length, granted, at + 65_536);
        peer.chunk(0, at, content.subarray(at, end));
        at = end;
      }
      peer.finish(0);
      assert.equal(sha256(await read), sha256(content));
    });

    it("grants a reader that does not read no more than the window", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const streaming = session.transaction.WaitForStream("s");
      await peer.takeAck(peer.start(0, 50_000_000n, 0, "s"));
      const stream = await streaming;
      for (let at = 0; at < unasked; at += 65_536) peer.chunk(0, at, Buffer.alloc(65_536));
      await peer.settled();
      await peer.settled();
      for (const frame of peer.log) if (frame.name === "fetch") assert.ok(frame.end! <= 4096n * KiB);
      assert.equal(await session.base.SendUTF8("not held up"), true);
      stream.destroy();
      await peer.take("cancel");
    });

    it("cancels a stream that goes far past its credit", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const streaming = session.transaction.WaitForStream("s");
      await peer.takeAck(peer.start(0, -1n, 0, "s"));
      const stream = await streaming;
      for (let at = 0; at < 6_000_000; at += 1_000_000) peer.chunk(0, at, Buffer.alloc(1_000_000));
      await peer.take("cancel");
      const failed = await failureOf(buffer(stream));
      assert.ok(failed instanceof StreamDataError, String(failed));
      await peer.settled();
      assert.equal(session.state, "open");
    });

    it("aborts when its source fails: the reason arrives", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const source = (async function* () {
        yield Buffer.from("half");
        throw new Error("disk on fire");
      })();
      const failed = await failureOf(session.transaction.Stream(source, { streamName: "s" }));
      assert.ok(failed instanceof StreamSourceError);
      const abort = await peer.take("abort");
      assert.equal(abort.txId, 0);
      assert.ok(Buffer.byteLength(abort.text!) <= 123);
      await peer.settled();
      assert.equal(peer.count("finish") + peer.count("error"), 0);
    });

    it("hears an abort: its reader fails with the reason", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      const read = failureOf(session.transaction.WaitForStream("s").then(buffer));
      await peer.takeAck(peer.start(0, -1n, 0, "s"));
      peer.chunk(0, 0, Buffer.from("half"));
      await peer.takeAck(peer.tracked((ack) => peer.make.abort(ack, 0, "tape torn")));
      const failed = await read;
      assert.ok(failed instanceof StreamSourceError, String(failed));
      assert.match(failed.message, /tape torn/);
      await peer.takeAck(peer.finish(0));
      assert.equal(peer.count("cancel"), 0);
    });

    it("acknowledges an abort of an unknown stream", limits, async (context) => {
      const { session, peer } = await meet(context, { features });
      await peer.takeAck(peer.tracked((ack) => peer.make.abort(ack, 9, "")));
      await peer.settled();
      assert.equal(session.state, "open");
      assert.equal(peer.count("error"), 0);
    });

    it("refuses an abort that gives a reason of more than 123 bytes", limits, async (context) => {
      const { peer, ended } = await meet(context, { features });
      peer.send(peer.make.abort(1, 0, "r".repeat(124)));
      await peer.take("error");
      assert.equal((await peer.ended()).code, 4001);
      await ended;
    });

    it("pulls and is pulled as before", limits, async (context) => {
      const content = pattern(700_000);
      const { session, peer } = await meet(context, {
        features,
        onFrame: (frame, self) => {
          if (frame.name !== "fetch") return;
          self.chunk(0, frame.start!, content.subarray(Number(frame.start), Number(frame.end)));
          if (frame.end === 700_000n) self.finish(0);
        },
      });
      const read = session.transaction.WaitForStream("s").then(buffer);
      peer.start(0, 700_000n, 1, "s");
      assert.equal(sha256(await read), sha256(content));
      const sent = session.transaction.Stream(content, { behaviour: "pull" });
      await peer.take("start");
      peer.fetch(0, 0, 700_000);
      assert.equal(sha256(await takeBytes(peer, 700_000)), sha256(content));
      await sent;
    });
  });
}
