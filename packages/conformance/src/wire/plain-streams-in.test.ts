import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { type CAMPReadable, StreamCancelledError, StreamDataError, StreamIncompleteError } from "camp-server";
import type { Frame } from "./frames.js";
import { ends, pattern, type Session, sha256 } from "./meeting.js";
import { failureOf } from "./patience.js";
import type { Peer } from "./peer.js";

const limits = { timeout: 20_000 };

interface Sending {
  readonly size?: bigint;
  readonly chunkBytes?: number;
  /** What each further chunk's offset is off by. */
  readonly drift?: number;
  readonly name?: string;
}

/** Sends a push stream as deployed ends do: nothing before the ACK of TX_START. */
async function push(peer: Peer, txId: number, content: Buffer, options: Sending = {}): Promise<void> {
  const { size = -1n, chunkBytes = 65_536, drift = 0, name = "s" } = options;
  await peer.takeAck(peer.start(txId, size, 0, name));
  for (let offset = 0, index = 0; offset < content.length; offset += chunkBytes, index++) {
    peer.chunk(txId, offset + index * drift, content.subarray(offset, offset + chunkBytes));
  }
  await peer.takeAck(peer.finish(txId));
}

/** Answers fetches as deployed servers do: TX_FINISH as soon as one reaches the end. */
function serve(content: Buffer): (frame: Frame, peer: Peer) => void {
  return (frame, peer) => {
    if (frame.name !== "fetch") return;
    const end = Number(frame.end);
    for (let at = Number(frame.start); at < end; at += 40_000) {
      peer.chunk(frame.txId!, at, content.subarray(at, Math.min(end, at + 40_000)));
    }
    if (end >= content.length) peer.finish(frame.txId!);
  };
}

const wait = (session: Session, name = "s"): Promise<CAMPReadable> => session.transaction.WaitForStream(name);

for (const [name, meet] of ends) {
  describe(`push streams of a plain CAMP v1 peer to ${name}`, () => {
    for (const [what, options] of [
      ["of unknown size with offsets that drift", { drift: 1 }],
      ["of unknown size with right offsets", {}],
      ["of unknown size with offsets that mean nothing", { drift: -13 }],
      ["of known size", { size: 2_000_001n }],
    ] as const) {
      it(`are read whole, ${what}`, limits, async (context) => {
        const { session, peer } = await meet(context);
        const content = pattern(2_000_001);
        const read = wait(session).then(buffer);
        await push(peer, 0, content, options.drift === -13 ? { chunkBytes: 1_000_000, drift: -13 } : options);
        assert.equal(sha256(await read), sha256(content));
        assert.equal(peer.count("cancel"), 0);
        assert.equal(peer.count("fetch"), 0, "without bit 32 push streams are not fetched");
      });
    }

    it("begin when they are claimed: until then the ACK of TX_START is withheld", limits, async (context) => {
      const { session, peer } = await meet(context);
      const ack = peer.start(0, -1n, 0, "later");
      await peer.settled();
      await peer.settled();
      assert.ok(!peer.log.some((frame) => frame.name === "ack" && frame.ack === ack));
      const stream = await wait(session, "later");
      await peer.takeAck(ack);
      peer.chunk(0, 0, Buffer.from("now"));
      peer.finish(0);
      assert.equal((await buffer(stream)).toString(), "now");
      assert.deepEqual([stream.txId, stream.streamName, stream.byteLength], [0, "later", null]);
    });

    it("are acknowledged when their first chunk comes unasked", limits, async (context) => {
      const { session, peer } = await meet(context);
      const ack = peer.start(0, 3n, 0, "eager");
      peer.chunk(0, 0, Buffer.from("abc"));
      await peer.takeAck(ack);
      await peer.takeAck(peer.finish(0));
      assert.equal((await buffer(await wait(session, "eager"))).toString(), "abc");
    });

    it("are anonymous without a name, and come in order", limits, async (context) => {
      const { session, peer } = await meet(context);
      for (let txId = 0; txId < 3; txId++) {
        peer.start(txId, 1n, 0, "");
        peer.chunk(txId, 0, Buffer.of(txId));
        await peer.takeAck(peer.finish(txId));
      }
      for (let txId = 0; txId < 3; txId++) {
        const stream = await session.transaction.WaitForStream();
        assert.equal(stream.streamName, "anonymous");
        assert.deepEqual(await buffer(stream), Buffer.of(txId));
      }
    });

    for (const size of [0n, -1n]) {
      it(`may be empty, of size ${size}`, limits, async (context) => {
        const { session, peer } = await meet(context);
        const read = wait(session).then(buffer);
        await push(peer, 0, Buffer.alloc(0), { size });
        assert.equal((await read).length, 0);
      });
    }

    it("are read byte by byte, with empty chunks between", limits, async (context) => {
      const { session, peer } = await meet(context);
      const content = pattern(3000);
      const read = wait(session).then(buffer);
      await peer.takeAck(peer.start(0, 3000n, 0, "s"));
      for (let offset = 0; offset < content.length; offset++) {
        peer.chunk(0, offset, Buffer.alloc(0));
        peer.chunk(0, offset, content.subarray(offset, offset + 1));
      }
      peer.finish(0);
      assert.equal(sha256(await read), sha256(content));
    });

    it("stay readable after the session ended, once their FINISH came", limits, async (context) => {
      const { session, peer, ended } = await meet(context);
      const streaming = wait(session);
      await push(peer, 0, Buffer.from("kept"), { size: 4n });
      const stream = await streaming;
      peer.bye("done");
      await ended;
      assert.equal((await buffer(stream)).toString(), "kept");
    });

    it("are cancelled by their reader; what still comes is acknowledged", limits, async (context) => {
      const { session, peer } = await meet(context);
      const streaming = wait(session);
      await peer.takeAck(peer.start(0, -1n, 0, "s"));
      peer.chunk(0, 0, Buffer.from("enough"));
      (await streaming).destroy();
      assert.equal((await peer.take("cancel")).txId, 0);
      peer.chunk(0, 6, Buffer.from("too much"));
      await peer.takeAck(peer.finish(0));
      assert.equal(peer.count("cancel"), 1);
    });

    const faults: readonly (readonly [what: string, size: bigint, misbehave: (peer: Peer) => void])[] = [
      ["a gap", 10n, (peer) => peer.chunk(0, 4, Buffer.of(1))],
      ["an overlap", 10n, (peer) => peer.chunk(0, 2, Buffer.of(1))],
      ["a byte past the size", 10n, (peer) => peer.chunk(0, 3, Buffer.alloc(8))],
      ["TX_FINISH before all bytes", 10n, (peer) => void peer.finish(0)],
      ["an offset past 2^53", 10n, (peer) => peer.chunk(0, 2n ** 53n + 3n, Buffer.of(1))],
      [
        "more than 1024 empty chunks in a row",
        -1n,
        (peer) => {
          for (let count = 0; count < 1025; count++) peer.chunk(0, 3, Buffer.alloc(0));
        },
      ],
    ];
    for (const [what, size, misbehave] of faults) {
      it(`fail at ${what}: the reader gets an error, the peer TX_CANCEL`, limits, async (context) => {
        const { session, peer } = await meet(context);
        const failed = failureOf(wait(session).then(buffer));
        await peer.takeAck(peer.start(0, size, 0, "s"));
        peer.chunk(0, 0, Buffer.from("abc"));
        misbehave(peer);
        assert.equal((await peer.take("cancel")).txId, 0);
        assert.ok((await failed) instanceof StreamDataError);
        const ack = peer.finish(0);
        await peer.takeAck(ack);
        const order = peer.log.map((frame) => `${frame.name} ${frame.ack}`);
        assert.ok(
          order.findIndex((entry) => entry.startsWith("cancel")) < order.indexOf(`ack ${ack - 1}`) || ack === 2,
        );
        assert.equal(session.state, "open");
      });
    }
  });

  describe(`pull streams of a plain CAMP v1 peer to ${name}`, () => {
    it("are fetched from front to back, at most 1 MiB ahead of the reader", limits, async (context) => {
      const content = pattern(3_000_000);
      const { session, peer } = await meet(context, { onFrame: serve(content) });
      const streaming = wait(session);
      await peer.takeAck(peer.start(0, 3_000_000n, 1, "s"));
      const stream = await streaming;
      await peer.settled();
      assert.equal(peer.count("fetch"), 0, "nothing is fetched before it is read");
      stream.read(0);
      await peer.take("fetch");
      await peer.settled();
      await peer.settled();
      assert.ok(lastEnd(peer) <= 1_048_576n + 262_144n, `fetched to ${lastEnd(peer)} unread`);
      assert.equal(sha256(await buffer(stream)), sha256(content));
      let next = 0n;
      for (const { name: type, start, end } of peer.log) {
        if (type !== "fetch") continue;
        assert.equal(start, next);
        assert.ok(end! - start! <= 262_144n);
        next = end!;
      }
      assert.equal(next, 3_000_000n);
    });

    it("are fetched by hand, in the order asked", limits, async (context) => {
      const content = pattern(1000);
      const { session, peer } = await meet(context, {
        onFrame: (frame, self) => {
          if (frame.name !== "fetch") return;
          self.chunk(0, frame.start!, content.subarray(Number(frame.start), Number(frame.end)));
          if (frame.end === 600n) self.finish(0);
        },
      });
      const streaming = wait(session);
      peer.start(0, 1000n, 1, "s");
      const stream = await streaming;
      await session.transaction.StreamRequestRange(stream, 600n, 1000n);
      await session.transaction.StreamRequestRange(stream, 0n, 600n);
      assert.deepEqual(await buffer(stream), Buffer.concat([content.subarray(600), content.subarray(0, 600)]));
      const asked = peer.log.filter((frame) => frame.name === "fetch").map(({ start, end }) => [start, end]);
      assert.deepEqual(asked, [
        [600n, 1000n],
        [0n, 600n],
      ]);
    });

    it("say so when the peer finishes with holes", limits, async (context) => {
      const { session, peer } = await meet(context, {
        onFrame: (frame, self) => {
          if (frame.name !== "fetch") return;
          self.chunk(0, frame.start!, Buffer.alloc(Number(frame.end! - frame.start!)));
          self.finish(0);
        },
      });
      const streaming = wait(session);
      peer.start(0, 100n, 1, "s");
      const stream = await streaming;
      await session.transaction.StreamRequestRange(stream, 90n, 100n);
      const failed = await failureOf(buffer(stream));
      assert.ok(failed instanceof StreamIncompleteError, String(failed));
      assert.match(failed.message, /\b0\b.*\b90\b/);
    });

    it("end after a fetch of 0..0 when they are empty", limits, async (context) => {
      const { session, peer } = await meet(context, {
        onFrame: (frame, self) => {
          if (frame.name === "fetch") self.finish(0);
        },
      });
      const streaming = wait(session);
      peer.start(0, 0n, 1, "s");
      assert.equal((await buffer(await streaming)).length, 0);
      const fetches = peer.log.filter((frame) => frame.name === "fetch");
      assert.deepEqual(
        fetches.map(({ start, end }) => [start, end]),
        [[0n, 0n]],
      );
    });

    for (const [what, offset, length] of [
      ["outside of every range", 500, 1],
      ["that runs over the end of its range", 90, 20],
      ["past the size", 1000, 1],
    ] as const) {
      it(`fail at a chunk ${what}`, limits, async (context) => {
        const { session, peer } = await meet(context, {
          onFrame: (frame, self) => {
            if (frame.name === "fetch") self.chunk(0, offset, Buffer.alloc(length));
          },
        });
        const streaming = wait(session);
        peer.start(0, 1000n, 1, "s");
        const stream = await streaming;
        await session.transaction.StreamRequestRange(stream, 0n, 100n);
        assert.ok((await failureOf(buffer(stream))) instanceof StreamDataError);
        await peer.take("cancel");
      });
    }

    it("are cancelled by their reader", limits, async (context) => {
      const { session, peer } = await meet(context);
      const streaming = wait(session);
      peer.start(0, 1000n, 1, "s");
      const stream = await streaming;
      const failed = failureOf(buffer(stream));
      await peer.take("fetch");
      stream.cancel("seen enough");
      await peer.take("cancel");
      assert.ok((await failed) instanceof StreamCancelledError);
      await peer.takeAck(peer.finish(0));
    });
  });
}

/** How far the stream has been fetched. */
function lastEnd(peer: Peer): bigint {
  return peer.log.reduce((end, frame) => (frame.name === "fetch" && frame.end! > end ? frame.end! : end), 0n);
}
