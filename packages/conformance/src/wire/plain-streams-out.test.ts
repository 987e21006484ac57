import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConnectionLostError, SessionClosedError, StreamCancelledError, StreamSourceError } from "camp-server";
import type { Frame } from "./frames.js";
import { ends, pattern, sha256 } from "./meeting.js";
import { failureOf } from "./patience.js";
import type { Peer } from "./peer.js";

const limits = { timeout: 20_000 };

/** The bytes of a stream that came so far; each chunk must begin where the last one ended. */
function contiguous(peer: Peer, txId = 0): Buffer {
  let offset = 0n;
  const parts: Buffer[] = [];
  for (const { name, txId: of, offset: at, bytes } of peer.log) {
    if (name !== "chunk" || of !== txId) continue;
    assert.equal(at, offset);
    assert.ok(bytes!.length <= 65_536, "chunks have at most 64 KiB, so that streams take turns");
    offset += BigInt(bytes!.length);
    parts.push(bytes!);
  }
  return Buffer.concat(parts);
}

const chunksOf = (peer: Peer): Frame[] => peer.log.filter(({ name }) => name === "chunk");

for (const [name, meet] of ends) {
  describe(`push streams from ${name} to a plain CAMP v1 peer`, () => {
    it("arrive whole, announced with their size", limits, async (context) => {
      const { session, peer } = await meet(context);
      const content = pattern(3_000_003);
      const sent = session.transaction.Stream(content, { streamName: "größe" });
      const start = await peer.take("start");
      assert.deepEqual(
        { txId: start.txId, size: start.size, behaviour: start.behaviour, text: start.text },
        { txId: 0, size: 3_000_003n, behaviour: 0, text: "größe" },
      );
      await peer.take("finish");
      await sent;
      assert.equal(sha256(contiguous(peer)), sha256(content));
      assert.equal(peer.log.at(-1)!.name, "finish");
    });

    it("arrive whole, announced with -1 where the source does not know", limits, async (context) => {
      const { session, peer } = await meet(context);
      const parts = [pattern(1), pattern(200_000, 2), Buffer.alloc(0), pattern(70_000, 3)];
      const source = (async function* () {
        yield* parts;
      })();
      await session.transaction.Stream(source, { streamName: "unknown" });
      assert.equal((await peer.take("start")).size, -1n);
      assert.equal(sha256(contiguous(peer)), sha256(Buffer.concat(parts)));
    });

    it("send no chunk before the ACK of TX_START", limits, async (context) => {
      const { session, peer } = await meet(context, { acknowledges: false });
      const sent = session.transaction.Stream(Buffer.from("patience"), { streamName: "s" });
      const start = await peer.take("start");
      await peer.settled();
      await peer.settled();
      assert.equal(peer.count("chunk"), 0);
      peer.acknowledge(start);
      assert.equal((await peer.take("chunk")).bytes!.toString(), "patience");
      peer.acknowledge(await peer.take("finish"));
      await sent;
    });

    it("wait until ENDPOINT_INFO was acknowledged; messages do not", limits, async (context) => {
      const { session, peer } = await meet(context, { acknowledges: "nothing" });
      const sent = session.transaction.Stream(Buffer.of(1));
      session.base.SendUTF8("may go");
      await peer.take("utf8");
      await peer.settled();
      assert.equal(peer.count("start"), 0);
      peer.send(peer.make.ack(0));
      peer.send(peer.make.ack(1));
      for (const name of ["start", "finish"] as const) peer.acknowledge(await peer.take(name));
      await sent;
    });

    it("settle when TX_FINISH was acknowledged, not before", limits, async (context) => {
      const { session, peer } = await meet(context, {
        acknowledges: false,
        onFrame: (frame, self) => {
          if (frame.name === "start") self.acknowledge(frame);
        },
      });
      let settled = false;
      const sent = session.transaction.Stream(Buffer.from("x")).then(() => {
        settled = true;
      });
      const finish = await peer.take("finish");
      await peer.settled();
      assert.equal(settled, false);
      peer.acknowledge(finish);
      await sent;
    });

    it("are numbered from 0, and without a name are anonymous", limits, async (context) => {
      const { session, peer } = await meet(context);
      for (let txId = 0; txId < 3; txId++) {
        await session.transaction.Stream(Buffer.of(txId));
        const start = await peer.take("start");
        assert.equal(start.txId, txId);
        assert.ok(start.text === "" || start.text === "anonymous");
      }
    });

    it("take turns, and let messages through", limits, async (context) => {
      const { session, peer } = await meet(context);
      const streams = ["a", "b"].map((streamName) => session.transaction.Stream(pattern(4_000_000), { streamName }));
      await peer.take("chunk");
      assert.equal(await session.base.SendUTF8("me, too"), true);
      await Promise.all(streams);
      const order = peer.log.map((frame) => (frame.name === "chunk" ? frame.txId : frame.name));
      assert.ok(order.indexOf("utf8") < order.lastIndexOf(0), "the message came after the stream");
      assert.ok(order.indexOf(1) < order.lastIndexOf(0), "the second stream waited for the end of the first");
      assert.equal(sha256(contiguous(peer, 0)), sha256(pattern(4_000_000)));
      assert.equal(sha256(contiguous(peer, 1)), sha256(pattern(4_000_000)));
    });

    for (const [what, source, size] of [
      ["known", () => Buffer.alloc(0), 0n],
      ["unknown", async function* (): AsyncGenerator<Buffer> {}, -1n],
    ] as const) {
      it(`may be empty, of ${what} size`, limits, async (context) => {
        const { session, peer } = await meet(context);
        await session.transaction.Stream(source(), { streamName: "empty" });
        assert.equal((await peer.take("start")).size, size);
        await peer.take("finish");
        assert.equal(contiguous(peer).length, 0);
      });
    }

    it("stop when the peer cancels, which is acknowledged", limits, async (context) => {
      const { session, peer } = await meet(context);
      let released = false;
      const source = (async function* () {
        try {
          for (;;) yield Buffer.alloc(65_536);
        } finally {
          released = true;
        }
      })();
      const failed = failureOf(session.transaction.Stream(source));
      for (let count = 0; count < 5; count++) await peer.take("chunk");
      await peer.takeAck(peer.cancel(0));
      assert.ok((await failed) instanceof StreamCancelledError);
      await peer.settled();
      const chunks = peer.count("chunk");
      await peer.settled();
      assert.equal(peer.count("chunk"), chunks);
      assert.equal(peer.count("finish"), 0);
      assert.equal(released, true);
    });

    it("tell of a source that fails with an ERROR and never finish", limits, async (context) => {
      const { session, peer } = await meet(context);
      const source = (async function* () {
        yield Buffer.from("half");
        throw new Error("disk on fire");
      })();
      const failed = await failureOf(session.transaction.Stream(source, { streamName: "part" }));
      assert.ok(failed instanceof StreamSourceError);
      assert.equal((await peer.take("error")).text, 'stream 0 "part" failed');
      await peer.settled();
      assert.equal(peer.count("finish"), 0);
    });

    it("fail when the session ends first", limits, async (context) => {
      const { session, peer } = await meet(context, { acknowledges: false });
      const failed = failureOf(session.transaction.Stream(Buffer.of(1)));
      await peer.take("start");
      peer.socket.terminate();
      const error = await failed;
      assert.ok(error instanceof ConnectionLostError || error instanceof SessionClosedError, String(error));
    });
  });

  describe(`pull streams from ${name} to a plain CAMP v1 peer`, () => {
    it(
      "send the ranges that are asked for, in that order, and finish once all are covered",
      limits,
      async (context) => {
        const { session, peer } = await meet(context);
        const content = pattern(500_000);
        const sent = session.transaction.Stream(content, { streamName: "p", behaviour: "pull" });
        const start = await peer.take("start");
        assert.deepEqual([start.size, start.behaviour], [500_000n, 1]);
        await peer.settled();
        assert.equal(peer.count("chunk"), 0, "nothing leaves unasked");

        const copy = Buffer.alloc(content.length);
        const asked = [
          [400_000, 450_000],
          [0, 100_000],
          [50_000, 100_000],
          [100_000, 400_000],
          [450_000, 9_000_000],
        ] as const;
        for (const [from, to] of asked) {
          await peer.takeAck(peer.fetch(0, from, to));
          for (let at = from; at < Math.min(to, content.length); ) {
            const { offset, bytes } = await peer.take("chunk");
            assert.equal(offset, BigInt(at));
            bytes!.copy(copy, at);
            at += bytes!.length;
            assert.ok(at <= Math.min(to, content.length), "a chunk goes past the range");
          }
        }
        await peer.take("finish");
        await sent;
        assert.equal(sha256(copy), sha256(content));
        assert.equal(
          chunksOf(peer).reduce((sum, { bytes }) => sum + bytes!.length, 0),
          550_000,
        );
      },
    );

    it("answer ranges that make no sense with ACK and ERROR, and live on", limits, async (context) => {
      const { session, peer } = await meet(context);
      const sent = session.transaction.Stream(Buffer.from("0123456789"), { streamName: "p", behaviour: "pull" });
      await peer.take("start");
      for (const [from, to] of [
        [5, 5],
        [6, 5],
        [10, 11],
        [2n ** 64n - 1n, 2n ** 64n - 1n],
        [2n ** 63n, 2n ** 64n - 1n],
        [0, 0],
      ] as const) {
        await peer.takeAck(peer.fetch(0, from, to));
        await peer.take("error");
      }
      assert.equal(peer.count("chunk"), 0);
      peer.fetch(0, 0, 2n ** 64n - 1n);
      assert.equal((await peer.take("chunk")).bytes!.toString(), "0123456789");
      await sent;
    });

    it("finish at once when empty, right after the ACK of TX_START", limits, async (context) => {
      const { session, peer } = await meet(context, { acknowledges: false });
      const sent = session.transaction.Stream(Buffer.alloc(0), { streamName: "empty", behaviour: "pull" });
      const start = await peer.take("start");
      assert.deepEqual([start.size, start.behaviour], [0n, 1]);
      await peer.settled();
      assert.equal(peer.count("finish"), 0);
      peer.acknowledge(start);
      peer.acknowledge(await peer.take("finish"));
      await sent;
      await peer.takeAck(peer.fetch(0, 0, 0));
      await peer.settled();
      assert.equal(peer.count("error"), 0);
    });

    it("stop when the peer cancels, though a fetch is running", limits, async (context) => {
      const { session, peer } = await meet(context);
      const failed = failureOf(session.transaction.Stream(pattern(8_000_000), { behaviour: "pull" }));
      peer.fetch(0, 0, 8_000_000);
      await peer.take("chunk");
      await peer.takeAck(peer.cancel(0));
      assert.ok((await failed) instanceof StreamCancelledError);
      await peer.takeAck(peer.fetch(0, 0, 10));
      assert.equal(peer.count("finish"), 0);
    });

    it("stop when the application cancels", limits, async (context) => {
      const { session, peer } = await meet(context);
      const stopping = new AbortController();
      const failed = failureOf(
        session.transaction.Stream(pattern(100), { behaviour: "pull", streamName: "p", signal: stopping.signal }),
      );
      await peer.take("start");
      await peer.settled();
      stopping.abort(new Error("changed my mind"));
      assert.equal((await failed).message, "changed my mind");
      assert.equal((await peer.take("error")).text, 'stream 0 "p" failed');
      await peer.takeAck(peer.fetch(0, 0, 10));
      assert.equal(peer.count("chunk"), 0);
    });
  });
}
