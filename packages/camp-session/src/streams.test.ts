import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "camp-protocol";
import { StreamDataError } from "./errors.js";
import {
  failure,
  frames,
  HandSource,
  ManualTransport,
  PatternSource,
  Stage,
  someBytes,
  TestEnd,
  VirtualTime,
  watch,
} from "./testing/index.js";

// What every stream frame is answered with: camp-v1.md sections 6 and 8, rules 20.

test("every ack-tracked frame of an unknown stream is acknowledged and counted, a chunk only counted", async () => {
  const stage = await Stage.open();
  stage.peer.send(
    frames.chunk(9, 0n, someBytes(3)),
    frames.finish(1, 9),
    frames.fetch(2, 9, 0n, 10n),
    frames.cancel(3, 9),
    frames.abort(4, 9, "gone"),
  );
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.ack(2), frames.ack(3), frames.ack(4)]);
  assert.equal(stage.session.stats.strayFrames, 5);
  assert.equal(stage.session.state, "open");
});

test("the same holds for a stream that has ended", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 0n), frames.finish(2, 0), frames.finish(3, 0), frames.chunk(0, 0n, someBytes(1)));
  await stage.pass();
  assert.deepEqual(stage.peer.acked, [0, 1, 2, 3]);
  assert.equal(stage.session.stats.strayFrames, 2);
});

test("a TX_START for an open txId closes with 4001", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 10n), frames.start(2, 0, 10n));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4001);
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.error(1, "stream 0 is open already")]);
});

test("a txId may be used again once its stream has ended", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 0n, 0, "a"), frames.finish(2, 0), frames.start(3, 0, 0n, 0, "b"));
  await stage.pass();
  assert.deepEqual(stage.peer.acked, [0, 1, 2, 3]);
  assert.equal((await stage.session.waitForStream("a")).name, "a");
  assert.equal((await stage.session.waitForStream("b")).name, "b");
});

test("a TX_START over 256 open streams is acknowledged, then cancelled", async () => {
  const stage = await Stage.open();
  for (let txId = 0; txId < 256; txId++) {
    stage.peer.send(frames.start(stage.nextAck, txId, 1n, 0, "s"));
    void stage.session.waitForStream("s");
  }
  await stage.pass(10);
  stage.taken();
  assert.equal(stage.session.stats.openStreams, 256);
  stage.peer.send(frames.start(stage.nextAck, 256, 1n, 0, "s"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(257), frames.cancel(1, 256)]);
});

test("an empty name means anonymous", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 10n));
  const stream = await stage.claim("anonymous");
  assert.deepEqual([stream.txId, stream.name, stream.size, stream.behaviour], [0, "anonymous", 10n, "push"]);
});

test("a stream of size -1 has no size", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "s"));
  assert.equal((await stage.claim("s")).size, null);
});

test("the two directions number their streams on their own", async () => {
  const stage = await Stage.open();
  void stage.session.stream(new HandSource(), { name: "ours", behaviour: "push" });
  stage.peer.send(frames.start(1, 0, 10n, 0, "theirs"), frames.cancel(2, 0));
  const theirs = await stage.claim("theirs");
  assert.equal(theirs.state.at, "open");
  assert.equal(stage.session.stats.openStreams, 1);
});

for (const [what, offset, bytes] of [
  ["a gap", 5n, 1],
  ["an overlap", 3n, 1],
  ["a byte past the size", 4n, 7],
] as const) {
  test(`${what} fails a push stream of known size and cancels it`, async () => {
    const stage = await Stage.open();
    stage.peer.send(frames.start(1, 0, 10n, 0, "s"), frames.chunk(0, 0n, someBytes(4)));
    const stream = await stage.claim("s");
    stage.peer.send(frames.chunk(0, offset, someBytes(bytes)));
    await stage.pass();
    assert.ok(failure(stream) instanceof StreamDataError);
    assert.equal(stream.take(), null);
    assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
    assert.equal(stage.session.state, "open");
  });
}

test("TX_FINISH before all bytes arrived fails the reader, and TX_CANCEL goes out before the ACK", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 10n, 0, "s"), frames.chunk(0, 0n, someBytes(4)));
  const stream = await stage.claim("s");
  stage.taken();
  stage.peer.send(frames.finish(2, 0));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamDataError);
  assert.deepEqual(stage.taken(), [frames.cancel(1, 0), frames.ack(2)]);
});

test("a chunk that breaks a stream whose ACK was withheld sends TX_CANCEL first", async () => {
  const stage = await Stage.open({ features: 1n });
  stage.peer.send(frames.start(1, 0, 10n, 0, "s"), frames.chunk(0, 5n, someBytes(4)));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.cancel(1, 0), frames.ack(1)]);
});

test("empty chunks are legal, 1024 of them in a row as well, one more cancels", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "s"));
  const stream = await stage.claim("s");
  for (let i = 0; i < 1024; i++) stage.peer.send(frames.chunk(0, 0n, someBytes(0)));
  stage.peer.send(frames.chunk(0, 0n, someBytes(1)));
  for (let i = 0; i < 1024; i++) stage.peer.send(frames.chunk(0, 1n, someBytes(0)));
  await stage.pass(10);
  assert.equal(stream.state.at, "open");
  stage.peer.send(frames.chunk(0, 1n, someBytes(0)));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamDataError);
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
});

test("stream frames never run into an ack timeout", async () => {
  const stage = await Stage.open({ settings: { keepAliveIntervalMs: 1_000_000 } });
  const source = new HandSource().give(someBytes(5), null);
  const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
  await stage.pass(100_000);
  assert.equal(sent.state, "pending");
  stage.peer.send(frames.ack(1));
  await stage.pass(100_000);
  assert.equal(sent.state, "pending");
  stage.peer.send(frames.ack(2));
  await stage.pass();
  assert.equal(sent.state, "resolved");
  assert.equal(stage.session.stats.ackTimeouts, 0);
});

test("a fetch that guesses the number of a stream whose TX_START still waits gets no byte before it", async () => {
  const time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  const end = new TestEnd(time);
  const transport = new ManualTransport();
  end.session.attach(transport);
  for (const frame of [frames.info(), frames.ack(0)]) end.session.received(encode(frame));
  for (let i = 0; i < 17; i++) void end.session.send("binary", new Uint8Array(1 << 20));
  void end.session.stream(new PatternSource(10n), { name: "p", behaviour: "pull" });
  end.session.received(encode(frames.fetch(1, 0, 0n, 10n)));
  await time.advance(10);
  transport.taken();
  transport.flush();
  end.session.writable();
  await time.advance(10);
  transport.flush();
  end.session.writable();
  await time.advance(10);
  const types = transport.taken().map((frame) => frame.type);
  assert.deepEqual(types, ["ack", "binarydata", "tx_start", "tx_chunk"]);
});
