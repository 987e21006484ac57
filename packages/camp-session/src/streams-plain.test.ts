import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamCancelledError, StreamSourceError, StreamStalledError } from "./errors.js";
import type { IncomingStream } from "./incoming-stream.js";
import { failure, frames, HandSource, PatternSource, Stage, someBytes, watch } from "./testing/index.js";

// Peers that announced transactions (bit 0) and no stream control (bit 32): rules 19.

const mib = 1 << 20;

function open(options: Parameters<typeof Stage.open>[0] = {}): Promise<Stage> {
  return Stage.open({ ...options, features: 1n });
}

/** Sends `count` MiB of push stream `txId`, whose name is its txId. */
async function fill(stage: Stage, txId: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) stage.peer.send(frames.chunk(txId, BigInt(i * mib), someBytes(mib)));
  await stage.pass(20);
}

async function begin(stage: Stage, txId: number): Promise<IncomingStream> {
  stage.peer.send(frames.start(stage.nextAck, txId, -1n, 0, String(txId)));
  return stage.claim(String(txId));
}

/** Whether the session reads, found out by a ping. */
async function reads(stage: Stage): Promise<boolean> {
  const before = stage.peer.of("ping_pong").length;
  stage.peer.send(frames.ping);
  await stage.pass();
  return stage.peer.of("ping_pong").length > before;
}

test("the ACK of a push stream's TX_START is withheld until WaitForStream claims it", async () => {
  const stage = await open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "wanted"));
  await stage.pass(1000);
  assert.deepEqual(stage.taken(), []);
  await stage.claim("wanted");
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("the ACK of TX_START is not withheld when somebody waits already", async () => {
  const stage = await open();
  const waiting = watch(stage.session.waitForStream("wanted"));
  stage.peer.send(frames.start(1, 0, -1n, 0, "wanted"));
  await stage.pass();
  assert.equal(waiting.state, "resolved");
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("the first chunk that arrives anyway releases the withheld ACK", async () => {
  const stage = await open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "eager"), frames.chunk(0, 0n, someBytes(1)));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("a FINISH that arrives anyway releases the withheld ACK before its own", async () => {
  const stage = await open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "empty"), frames.finish(2, 0));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.ack(2)]);
});

test("after 30 s the withheld ACK goes out behind the TX_CANCEL", async () => {
  const stage = await open({ settings: { keepAliveIntervalMs: 60_000 } });
  stage.peer.send(frames.start(1, 0, -1n, 0, "unwanted"));
  await stage.pass(30_000);
  assert.deepEqual(stage.taken(), []);
  await stage.pass(2);
  assert.deepEqual(stage.taken(), [frames.cancel(1, 0), frames.ack(1)]);
  assert.ok(stage.log.includes("unclaimed unwanted 0"));
});

test("the TX_START of a pull stream is acknowledged at once", async () => {
  const stage = await open();
  stage.peer.send(frames.start(1, 0, 10n, 1, "pull"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("a sender waits for the ACK of TX_START before the first chunk", async () => {
  const stage = await open();
  const source = new HandSource().give(someBytes(3), null);
  const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
  await stage.pass(100);
  assert.deepEqual(stage.taken(), [frames.start(1, 0, -1n, 0, "s")]);
  assert.equal(source.asked, 0);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.chunk(0, 0n, someBytes(3)), frames.finish(2, 0)]);
  stage.peer.send(frames.ack(2));
  await stage.pass();
  assert.equal(sent.state, "resolved");
  assert.equal(source.closes, 1);
});

test("a sender needs no credit once TX_START was acknowledged", async () => {
  const stage = await open();
  void stage.session.stream(new PatternSource(3n * BigInt(mib)), { name: "s", behaviour: "push" });
  await stage.pass();
  stage.peer.send(frames.ack(1));
  await stage.pass(50);
  const bytes = stage.peer.of("tx_chunk").reduce((sum, { payload }) => sum + payload.byteLength, 0);
  assert.equal(bytes, 3 * mib);
});

test("from 4 MiB unread the session stops reading and goes on at 2 MiB", async () => {
  const stage = await open();
  const stream = await begin(stage, 0);
  await fill(stage, 0, 3);
  assert.equal(await reads(stage), true);
  await fill(stage, 0, 1);
  assert.equal(await reads(stage), false);
  stream.take();
  assert.equal(await reads(stage), false);
  stream.take();
  await stage.pass();
  assert.equal(await reads(stage), true);
});

test("unread bytes of several streams count together", async () => {
  const stage = await open();
  const first = await begin(stage, 0);
  await begin(stage, 1);
  await fill(stage, 0, 2);
  await fill(stage, 1, 2);
  assert.equal(await reads(stage), false);
  first.take();
  first.take();
  assert.equal(await reads(stage), true);
});

test("while reading is paused the ack clock stands still", async () => {
  const stage = await open({ settings: { ackTimeoutMs: 5000, streamStallTimeoutMs: 60_000 } });
  const stream = await begin(stage, 0);
  const sent = watch(stage.session.send("utf8", "waits"));
  await stage.pass(2000);
  await fill(stage, 0, 4);
  await stage.pass(20_000);
  assert.equal(sent.state, "pending");
  for (let i = 0; i < 4; i++) stream.take();
  await stage.pass(2900);
  assert.equal(sent.state, "pending");
  await stage.pass(200);
  assert.equal(sent.error?.code, "ACK_TIMEOUT");
});

test("while reading is paused the heartbeat judges nobody", async () => {
  const stage = await open({ settings: { keepAliveIntervalMs: 1000, streamStallTimeoutMs: 60_000 } });
  await begin(stage, 0);
  await fill(stage, 0, 5);
  await stage.pass(20_000);
  assert.equal(stage.session.state, "open");
});

test("when no reader takes a byte for 10 s the fullest stream is cancelled and reading goes on", async () => {
  const stage = await open();
  const small = await begin(stage, 0);
  const large = await begin(stage, 1);
  await fill(stage, 0, 1);
  const pausedAt = stage.time.now() + 3;
  await fill(stage, 1, 3);
  await stage.time.run(pausedAt + 9_999);
  assert.equal(large.state.at, "open");
  await stage.time.run(pausedAt + 10_000);
  assert.ok(failure(large) instanceof StreamStalledError);
  assert.match(failure(large)!.message, /pull/);
  assert.equal(small.state.at, "open");
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 1)]);
  assert.equal(await reads(stage), true);
});

test("a reader that takes a byte starts the stall timeout anew", async () => {
  const stage = await open();
  const stream = await begin(stage, 0);
  for (let i = 0; i < 5; i++) stage.peer.send(frames.chunk(0, BigInt(i) << 20n, someBytes(mib)));
  stage.peer.send(frames.chunk(0, 5n << 20n, someBytes(mib)));
  await stage.pass(9000);
  stream.take();
  await stage.pass(9000);
  assert.equal(stream.state.at, "open");
  await stage.pass(1100);
  assert.equal(stream.state.at, "failed");
});

test("where reading cannot be paused a stream is cancelled at 16 MiB", async () => {
  const stage = await open({ network: { pausable: false } });
  const stream = await begin(stage, 0);
  await fill(stage, 0, 15);
  assert.equal(stream.state.at, "open");
  assert.equal(await reads(stage), true);
  await fill(stage, 0, 0);
  stage.peer.send(frames.chunk(0, 15n << 20n, someBytes(mib)));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamStalledError);
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
  assert.equal(stage.session.state, "open");
});

test("a failing source sends an ERROR frame and nothing more", async () => {
  const stage = await open();
  const source = new HandSource();
  const sent = watch(stage.session.stream(source, { name: "s", behaviour: "push" }));
  await stage.pass();
  stage.peer.send(frames.ack(1));
  source.give(someBytes(3), new Error("disk on fire"));
  await stage.pass();
  await stage.pass(100);
  assert.deepEqual(stage.taken().slice(1), [frames.chunk(0, 0n, someBytes(3)), frames.error(2, 'stream 0 "s" failed')]);
  assert.ok(sent.error instanceof StreamSourceError);
  assert.equal(source.closes, 1);
});

test("TX_FETCH on a push stream is answered by ACK and ERROR and the stream lives", async () => {
  const stage = await open();
  const sent = watch(stage.session.stream(new HandSource(), { name: "s", behaviour: "push" }));
  await stage.pass();
  stage.peer.send(frames.ack(1), frames.fetch(1, 0, 0n, 10n));
  await stage.pass();
  assert.deepEqual(
    stage
      .taken()
      .map((frame) => frame.type)
      .sort(),
    ["ack", "error", "tx_start"],
  );
  assert.equal(sent.state, "pending");
});

test("TX_ABORT without negotiation is an unknown type", async () => {
  const stage = await open();
  stage.peer.send(frames.start(1, 0, -1n, 0, "s"));
  const stream = await stage.claim("s");
  stage.taken();
  stage.peer.send(frames.abort(2, 0, "failed"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.error(1, "frame type 16 is unknown")]);
  assert.equal(stream.state.at, "open");
});

test("a stream of size -1 is taken in order of arrival whatever its offsets say", async () => {
  const stage = await open();
  const stream = await begin(stage, 0);
  const pieces = [someBytes(5), someBytes(7), someBytes(2)];
  // Deployed servers let the offset drift by one per chunk.
  for (const [index, offset] of [0n, 6n, 14n].entries()) stage.peer.send(frames.chunk(0, offset, pieces[index]!));
  stage.peer.send(frames.finish(stage.nextAck, 0));
  await stage.pass();
  assert.deepEqual(Buffer.from(stream.take()!), Buffer.concat(pieces));
  assert.equal(stream.take(), null);
  assert.equal(stream.state.at, "ended");
});

test("cancelling a push stream that nobody read sends TX_CANCEL and reads again", async () => {
  const stage = await open();
  const stream = await begin(stage, 0);
  await fill(stage, 0, 4);
  assert.equal(await reads(stage), false);
  stream.cancel("changed my mind");
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamCancelledError);
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
  assert.equal(await reads(stage), true);
});
