import assert from "node:assert/strict";
import { test } from "node:test";
import { frames, PatternSource, Stage, type StageOptions, someBytes, watch } from "./testing/index.js";

// What a sender of ours does with TX_FETCH: rules 21.

const mib = 1 << 20;

async function begin(size: bigint, options: StageOptions & { readonly features?: bigint } = {}) {
  const stage = await Stage.open(options);
  const source = new PatternSource(size);
  const sent = watch(stage.session.stream(source, { name: "p", behaviour: "pull" }));
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.deepEqual(stage.taken()[0], frames.start(1, 0, size, 1, "p"));
  return { stage, source, sent };
}

function chunksOf(stage: Stage): [bigint, number][] {
  return stage.peer.of("tx_chunk").map(({ offset, payload }) => [offset, payload.byteLength]);
}

test("a pull stream sends nothing until it is fetched", async () => {
  const { stage, source } = await begin(100n);
  await stage.pass(60_000);
  assert.deepEqual(stage.peer.of("tx_chunk"), []);
  assert.deepEqual(source.reads, []);
});

test("a fetched range is acknowledged and sent, and the whole is finished once it was covered", async () => {
  const { stage, source, sent } = await begin(100n);
  stage.peer.send(frames.fetch(1, 0, 60n, 100n));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.chunk(0, 60n, someBytes(100).subarray(60))]);
  stage.peer.send(frames.fetch(2, 0, 0n, 60n));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(2), frames.chunk(0, 0n, someBytes(60)), frames.finish(2, 0)]);
  assert.equal(sent.state, "pending");
  stage.peer.send(frames.ack(2));
  await stage.pass();
  assert.equal(sent.state, "resolved");
  assert.equal(source.closes, 1);
});

test("an end beyond the size is cut to the size", async () => {
  const { stage } = await begin(100n);
  stage.peer.send(frames.fetch(1, 0, 90n, (1n << 64n) - 1n));
  await stage.pass();
  assert.deepEqual(chunksOf(stage), [[90n, 10]]);
});

test("fetching a covered range again before the end is legal, and overlapping ranges are each served", async () => {
  const { stage } = await begin(100n);
  stage.peer.send(frames.fetch(1, 0, 0n, 50n), frames.fetch(2, 0, 0n, 50n), frames.fetch(3, 0, 40n, 60n));
  await stage.pass();
  assert.deepEqual(chunksOf(stage), [
    [0n, 50],
    [0n, 50],
    [40n, 20],
  ]);
  assert.deepEqual(stage.peer.of("tx_finish"), []);
  assert.deepEqual(stage.peer.of("error"), []);
});

for (const [start, end] of [
  [5n, 5n],
  [6n, 5n],
  [100n, 200n],
  [(1n << 64n) - 2n, (1n << 64n) - 1n],
] as const) {
  test(`a fetch of ${start}..${end} from 100 bytes is answered by ACK and ERROR and the stream lives`, async () => {
    const { stage, sent } = await begin(100n);
    stage.taken();
    stage.peer.send(frames.fetch(9, 0, start, end));
    await stage.pass();
    const answers = stage.taken();
    assert.deepEqual(answers.map((frame) => frame.type).sort(), ["ack", "error"]);
    assert.ok(answers.some((frame) => frame.type === "ack" && frame.ack === 9));
    stage.peer.send(frames.fetch(10, 0, 0n, 100n));
    await stage.pass();
    assert.deepEqual(chunksOf(stage), [[0n, 100]]);
    assert.equal(sent.state, "pending");
  });
}

test("an empty pull stream is finished right after its TX_START was acknowledged", async () => {
  const { stage, sent } = await begin(0n);
  assert.deepEqual(stage.peer.of("tx_finish"), [frames.finish(2, 0)]);
  stage.peer.send(frames.ack(2));
  await stage.pass();
  assert.equal(sent.state, "resolved");
});

test("a fetch of 0..0 on an empty stream is legal", async () => {
  const stage = await Stage.open();
  void stage.session.stream(new PatternSource(0n), { name: "p", behaviour: "pull" });
  await stage.pass();
  stage.peer.send(frames.fetch(1, 0, 0n, 0n), frames.ack(1));
  await stage.pass();
  assert.deepEqual(stage.peer.of("error"), []);
  assert.deepEqual(stage.taken().slice(1), [frames.ack(1), frames.finish(2, 0)]);
});

test("64 fetches may wait, the next one is ERROR and cancels the stream", async () => {
  const stage = await Stage.open();
  const source = new PatternSource(1000n);
  source.gate = new Promise(() => {});
  const sent = watch(stage.session.stream(source, { name: "p", behaviour: "pull" }));
  await stage.pass();
  for (let i = 0; i < 64; i++) stage.peer.send(frames.fetch(stage.nextAck, 0, 0n, 1n));
  await stage.pass();
  assert.equal(sent.state, "pending");
  assert.deepEqual(stage.peer.of("error"), []);
  stage.peer.send(frames.fetch(stage.nextAck, 0, 0n, 1n));
  await stage.pass();
  assert.equal(sent.state, "rejected");
  assert.equal(stage.peer.of("error").length, 1);
  assert.equal(stage.peer.acked.at(-1), 65);
});

test("1024 disjoint covered ranges are allowed, one more cancels the stream", async () => {
  const stage = await Stage.open();
  const sent = watch(stage.session.stream(new PatternSource(10_000n), { name: "p", behaviour: "pull" }));
  stage.peer.send(frames.ack(1));
  await stage.pass();
  for (let i = 0; i < 1024; i++) {
    stage.peer.send(frames.fetch(stage.nextAck, 0, BigInt(2 * i), BigInt(2 * i + 1)));
    if (i % 16 === 15) await stage.pass();
  }
  assert.equal(sent.state, "pending");
  stage.peer.send(frames.fetch(stage.nextAck, 0, 5000n, 5001n));
  await stage.pass();
  assert.equal(sent.state, "rejected");
});

test("no more than 64 MiB of a small stream are ever served", async () => {
  const { stage, sent } = await begin(BigInt(4 * mib));
  for (let i = 0; i < 16; i++) {
    stage.peer.send(frames.fetch(stage.nextAck, 0, 1n, BigInt(4 * mib)));
  }
  await stage.pass(500);
  assert.equal(sent.state, "pending");
  const served = () => chunksOf(stage).reduce((sum, [, bytes]) => sum + bytes, 0);
  assert.equal(served(), 16 * (4 * mib - 1));
  stage.peer.send(frames.fetch(stage.nextAck, 0, 1n, BigInt(4 * mib)));
  await stage.pass(500);
  assert.equal(sent.state, "rejected");
  assert.ok(served() <= 64 * mib);
});

test("offsets beyond 2^53 are served exactly", async () => {
  const size = (1n << 60n) + 3n;
  const { stage } = await begin(size);
  const start = (1n << 53n) + 1n;
  stage.peer.send(frames.fetch(1, 0, start, start + 3n), frames.fetch(2, 0, size - 2n, size));
  await stage.pass();
  assert.deepEqual(chunksOf(stage), [
    [start, 3],
    [size - 2n, 2],
  ]);
  const [first] = stage.peer.of("tx_chunk");
  assert.deepEqual(
    [...first!.payload],
    [0, 1, 2].map((i) => Number((start + BigInt(i)) % 251n)),
  );
});

test("chunks have 64 KiB and stay inside the fetched range", async () => {
  const { stage } = await begin(BigInt(mib));
  stage.peer.send(frames.fetch(1, 0, 10n, 200_000n));
  await stage.pass();
  assert.deepEqual(chunksOf(stage), [
    [10n, 65_536],
    [65_546n, 65_536],
    [131_082n, 65_536],
    [196_618n, 3382],
  ]);
});

test("a source that fails while it is fetched aborts the stream and is released once", async () => {
  const { stage, source, sent } = await begin(100n);
  source.fault = new Error("unreadable");
  stage.peer.send(frames.fetch(1, 0, 0n, 10n));
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_abort"), [frames.abort(2, 0, "unreadable")]);
  assert.equal(sent.error?.code, "STREAM_SOURCE");
  assert.equal(source.closes, 1);
});

test("a source is never released while it is being read", async () => {
  let release = (): void => {};
  const { stage, source } = await begin(100n);
  source.gate = new Promise((resolve) => (release = resolve));
  stage.peer.send(frames.fetch(1, 0, 0n, 10n), frames.cancel(2, 0));
  await stage.pass();
  assert.equal(source.closes, 0);
  release();
  await stage.pass();
  assert.equal(source.closes, 1);
});
