import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamDataError, StreamSourceError } from "./errors.js";
import { failure, frames, HandSource, PatternSource, Stage, someBytes, watch } from "./testing/index.js";

// Both ends announced stream control (bit 32): rules 18.

const kib = 1024;
const mib = 1 << 20;

function chunkBytes(stage: Stage): number {
  return stage.peer.of("tx_chunk").reduce((sum, { payload }) => sum + payload.byteLength, 0);
}

test("a push stream may send 256 KiB unasked, without waiting for any ACK", async () => {
  const stage = await Stage.open();
  void stage.session.stream(new PatternSource(10n * BigInt(mib)), { name: "s", behaviour: "push" });
  await stage.pass(1000);
  assert.deepEqual(stage.peer.of("tx_start"), [frames.start(1, 0, 10n * BigInt(mib), 0, "s")]);
  assert.equal(chunkBytes(stage), 256 * kib);
});

test("a sender stops exactly where its credit ends", async () => {
  const stage = await Stage.open();
  void stage.session.stream(new PatternSource(10n * BigInt(mib)), { name: "s", behaviour: "push" });
  await stage.pass();
  stage.peer.send(frames.ack(1), frames.fetch(1, 0, 0n, 300_001n));
  await stage.pass();
  assert.equal(chunkBytes(stage), 300_001);
  assert.deepEqual(stage.peer.acked, [0, 1]);
});

test("credit never goes down", async () => {
  const stage = await Stage.open();
  void stage.session.stream(new PatternSource(10n * BigInt(mib)), { name: "s", behaviour: "push" });
  stage.peer.send(frames.ack(1), frames.fetch(1, 0, 0n, 400_000n), frames.fetch(2, 0, 0n, 10n));
  await stage.pass(10);
  assert.equal(chunkBytes(stage), 400_000);
  assert.equal(stage.session.state, "open");
});

test("a sequential source is held back by credit as well", async () => {
  const stage = await Stage.open();
  const source = new HandSource();
  for (let i = 0; i < 100; i++) source.give(someBytes(64 * kib));
  void stage.session.stream(source, { name: "s", behaviour: "push" });
  await stage.pass(1000);
  assert.equal(chunkBytes(stage), 256 * kib);
  assert.ok(source.asked <= 256 / 64 + 512 / 64 + 1, `asked ${source.asked} times`);
});

test("TX_FINISH waits for the ACK of TX_START, and Stream() for that of TX_FINISH", async () => {
  const stage = await Stage.open();
  const source = new HandSource().give(someBytes(3), null);
  const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
  await stage.pass(50);
  assert.deepEqual(stage.taken(), [frames.start(1, 0, -1n, 0, "s"), frames.chunk(0, 0n, someBytes(3))]);
  stage.peer.send(frames.ack(1));
  await stage.pass(50);
  assert.deepEqual(stage.taken(), [frames.finish(2, 0)]);
  assert.equal(sent.state, "pending");
  stage.peer.send(frames.ack(2));
  await stage.pass();
  assert.equal(sent.state, "resolved");
  assert.equal(stage.session.stats.openStreams, 0);
});

test("a reader grants its window of 1 MiB, and again when half of it is taken", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "in"));
  const stream = await stage.claim("in");
  await stage.pass(100);
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  assert.equal(stream.take(), null);
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.fetch(1, 0, 0n, BigInt(mib))]);
  for (let i = 0; i < 4; i++) stage.peer.send(frames.chunk(0, BigInt(i * 256 * kib), someBytes(256 * kib)));
  await stage.pass();
  stream.take();
  await stage.pass();
  assert.deepEqual(stage.taken(), []);
  stream.take();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.fetch(2, 0, BigInt(512 * kib), BigInt(512 * kib + mib))]);
});

test("nothing is granted past the size of the stream", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 1000n, 0, "in"));
  const stream = await stage.claim("in");
  stream.take();
  stage.peer.send(frames.chunk(0, 0n, someBytes(1000)), frames.finish(2, 0));
  await stage.pass();
  assert.deepEqual(stream.take(), someBytes(1000));
  assert.deepEqual(stage.peer.of("tx_fetch"), []);
});

test("a sender that overruns its credit is cancelled", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "in"));
  const stream = await stage.claim("in");
  stage.peer.send(frames.chunk(0, 0n, someBytes(256 * kib)));
  await stage.pass();
  assert.equal(stream.state.at, "open");
  stage.peer.send(frames.chunk(0, BigInt(256 * kib), someBytes(1)));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamDataError);
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
});

test("the TX_START of a push stream is acknowledged at once", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "unclaimed"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("the socket is never paused for streams", async () => {
  const stage = await Stage.open();
  for (let txId = 0; txId < 40; txId++) {
    stage.peer.send(frames.start(stage.nextAck, txId, -1n, 0, "in"));
    await stage.claim("in");
    stage.peer.send(frames.chunk(txId, 0n, someBytes(256 * kib)));
  }
  stage.peer.send(frames.ping);
  await stage.pass(10);
  assert.equal(stage.peer.of("ping_pong").length, 1);
});

test("a failing source sends TX_ABORT with its reason cut to 123 bytes", async () => {
  const stage = await Stage.open();
  const source = new HandSource().give(someBytes(3), new Error("x".repeat(200)));
  const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
  await stage.pass();
  assert.deepEqual(stage.taken().slice(-1), [frames.abort(2, 0, "x".repeat(123))]);
  assert.ok(sent.error instanceof StreamSourceError && (sent.error.cause as Error).message === "x".repeat(200));
  stage.peer.send(frames.ack(1), frames.ack(2));
  await stage.pass(20_000);
  assert.deepEqual(stage.peer.of("tx_finish"), []);
  assert.equal(stage.session.stats.ackTimeouts, 0);
});

test("TX_ABORT fails the reader with the sender's reason, without TX_CANCEL, and is acknowledged", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "in"));
  const stream = await stage.claim("in");
  stage.taken();
  stage.peer.send(frames.chunk(0, 0n, someBytes(3)), frames.abort(2, 0, "disk on fire"));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamSourceError);
  assert.match(failure(stream)!.message, /disk on fire/);
  assert.deepEqual(stage.taken(), [frames.ack(2)]);
  assert.equal(stage.session.stats.openStreams, 0);
});

for (const [what, pieces] of [
  ["less", [someBytes(4), null]],
  ["more", [someBytes(6)]],
] as const) {
  test(`a push source of known size that yields ${what} fails like a failing source`, async () => {
    const stage = await Stage.open();
    const source = new HandSource(5n).give(...pieces);
    const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
    await stage.pass();
    assert.ok(sent.error instanceof StreamSourceError);
    assert.equal(stage.peer.of("tx_abort").length, 1);
    assert.deepEqual(stage.peer.of("tx_finish"), []);
  });
}

test("a random source that ends early or fails is a failing source", async () => {
  for (const fault of ["short", new Error("unreadable")] as const) {
    const stage = await Stage.open();
    const source = new PatternSource(100n);
    source.fault = fault;
    const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
    await stage.pass();
    assert.ok(sent.error instanceof StreamSourceError);
    assert.equal(stage.peer.of("tx_abort").length, 1);
    assert.equal(source.closes, 1);
  }
});

test("TX_CANCEL stops the sender, releases the source and is acknowledged", async () => {
  const stage = await Stage.open();
  const source = new HandSource();
  const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
  await stage.pass();
  stage.taken();
  stage.peer.send(frames.ack(1), frames.cancel(1, 0));
  await stage.pass();
  assert.equal(sent.error?.code, "STREAM_CANCELLED");
  assert.equal(source.closes, 1);
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  source.give(someBytes(10));
  await stage.pass();
  assert.deepEqual(stage.taken(), []);
});

test("a TX_CANCEL that crosses TX_FINISH rejects Stream()", async () => {
  const stage = await Stage.open();
  const sent = watch(stage.session.stream(new HandSource().give(null), { name: "s", behaviour: "push" }));
  stage.peer.send(frames.ack(1));
  await stage.pass();
  stage.peer.send(frames.cancel(1, 0), frames.ack(2));
  await stage.pass();
  assert.equal(sent.error?.code, "STREAM_CANCELLED");
});
