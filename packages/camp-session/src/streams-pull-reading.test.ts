import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamDataError, StreamIncompleteError } from "./errors.js";
import type { IncomingStream } from "./incoming-stream.js";
import { failure, frames, Stage, someBytes, watch } from "./testing/index.js";

// What a reader of ours does with a pull stream: rules 21 and 22.

const piece = 256 * 1024;

async function begin(size: bigint): Promise<{ stage: Stage; stream: IncomingStream }> {
  const stage = await Stage.open();
  stage.peer.send(frames.start(stage.nextAck, 0, size, 1, "in"));
  const stream = await stage.claim("in");
  await stage.pass(1000);
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  return { stage, stream };
}

function fetched(stage: Stage): [bigint, bigint][] {
  return stage.peer.of("tx_fetch").map(({ start, end }) => [start, end]);
}

test("no TX_FETCH leaves before the stream is read", async () => {
  const { stage } = await begin(100n);
  await stage.pass(10_000);
  assert.deepEqual(fetched(stage), []);
});

test("reading fetches ranges of 256 KiB front to back, at most 1 MiB asked and unread", async () => {
  const { stage, stream } = await begin(BigInt(6 * piece));
  stream.take();
  await stage.pass();
  const ranges = [0, 1, 2, 3, 4, 5].map((i) => [BigInt(i * piece), BigInt((i + 1) * piece)]);
  assert.deepEqual(fetched(stage), ranges.slice(0, 4));
  stage.peer.send(frames.chunk(0, 0n, someBytes(piece)));
  await stage.pass();
  assert.deepEqual(fetched(stage), ranges.slice(0, 4));
  assert.deepEqual(stream.take(), someBytes(piece));
  await stage.pass();
  assert.deepEqual(fetched(stage), ranges.slice(0, 5));
});

test("the last range ends at the size", async () => {
  const { stage, stream } = await begin(BigInt(piece + 5));
  stream.take();
  await stage.pass();
  assert.deepEqual(fetched(stage), [
    [0n, BigInt(piece)],
    [BigInt(piece), BigInt(piece + 5)],
  ]);
});

test("an empty pull stream that is read and not finished is asked for 0..0, once", async () => {
  const { stage, stream } = await begin(0n);
  stream.take();
  stream.take();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.fetch(1, 0, 0n, 0n)]);
  stage.peer.send(frames.ack(1), frames.finish(2, 0));
  await stage.pass();
  assert.equal(stream.state.at, "ended");
});

test("an empty pull stream that is finished already is not asked for anything", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 0n, 1, "in"), frames.finish(2, 0));
  await stage.pass();
  const stream = await stage.claim("in");
  assert.equal(stream.take(), null);
  await stage.pass();
  assert.equal(stream.state.at, "ended");
  assert.deepEqual(fetched(stage), []);
});

test("StreamRequestRange resolves when its TX_FETCH was acknowledged", async () => {
  const { stage, stream } = await begin(100n);
  const asked = watch(stage.session.requestRange(stream, 10n, 20n));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.fetch(1, 0, 10n, 20n)]);
  assert.equal(asked.state, "pending");
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.equal(asked.state, "resolved");
});

test("the first range by hand turns fetching by itself off for good", async () => {
  const { stage, stream } = await begin(100n);
  void stage.session.requestRange(stream, 10n, 20n);
  stage.peer.send(frames.chunk(0, 10n, someBytes(10)));
  await stage.pass();
  assert.deepEqual(stream.take(), someBytes(10));
  assert.equal(stream.take(), null);
  await stage.pass(1000);
  assert.deepEqual(fetched(stage), [[10n, 20n]]);
});

test("ranges by hand bring their bytes in the order asked", async () => {
  const { stage, stream } = await begin(100n);
  void stage.session.requestRange(stream, 50n, 60n);
  void stage.session.requestRange(stream, 0n, 10n);
  stage.peer.send(frames.chunk(0, 50n, someBytes(10)), frames.chunk(0, 0n, someBytes(10)));
  await stage.pass();
  assert.equal(stream.receivedBytes, 20n);
  assert.equal(stream.state.at, "open");
});

test("a chunk out of the order asked fails the stream and cancels it", async () => {
  const { stage, stream } = await begin(100n);
  void stage.session.requestRange(stream, 50n, 60n);
  void stage.session.requestRange(stream, 0n, 10n);
  stage.peer.send(frames.chunk(0, 0n, someBytes(10)));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamDataError);
  assert.equal(stage.peer.of("tx_cancel").length, 1);
});

for (const [what, offset, bytes] of [
  ["that was not asked for", 50n, 10],
  ["past the range that was asked for", 0n, 21],
  ["at a gap", 5n, 5],
] as const) {
  test(`a chunk ${what} fails the stream and cancels it`, async () => {
    const { stage, stream } = await begin(100n);
    void stage.session.requestRange(stream, 0n, 20n);
    stage.peer.send(frames.chunk(0, offset, someBytes(bytes)));
    await stage.pass();
    assert.ok(failure(stream) instanceof StreamDataError);
    assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(2, 0)]);
  });
}

test("an end of a range by hand beyond the size is cut like the sender does", async () => {
  const { stage, stream } = await begin(100n);
  void stage.session.requestRange(stream, 90n, 200n);
  stage.peer.send(frames.chunk(0, 90n, someBytes(10)));
  await stage.pass();
  assert.deepEqual(stream.take(), someBytes(10));
});

test("a range that no sender would serve rejects at once", async () => {
  const { stage, stream } = await begin(100n);
  for (const [start, end] of [
    [5n, 5n],
    [9n, 5n],
    [100n, 101n],
    [-1n, 5n],
  ] as const) {
    await assert.rejects(stage.session.requestRange(stream, start, end), RangeError);
  }
  await stage.pass();
  assert.deepEqual(fetched(stage), []);
});

test("ranges cannot be asked of push streams and of streams that ended", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 10n, 0, "push"), frames.start(2, 1, 10n, 1, "pull"));
  const push = await stage.claim("push");
  const pull = await stage.claim("pull");
  pull.cancel("enough");
  await assert.rejects(stage.session.requestRange(push, 0n, 5n), { code: "NOT_PULL" });
  await assert.rejects(stage.session.requestRange(pull, 0n, 5n), { code: "STREAM_ENDED" });
});

test("a FINISH with holes fails the stream with StreamIncompleteError naming them", async () => {
  const { stage, stream } = await begin(100n);
  void stage.session.requestRange(stream, 10n, 20n);
  void stage.session.requestRange(stream, 90n, 100n);
  stage.peer.send(frames.chunk(0, 10n, someBytes(10)), frames.chunk(0, 90n, someBytes(10)));
  await stage.pass();
  stream.take();
  stream.take();
  stage.peer.send(frames.finish(2, 0));
  await stage.pass();
  const error = failure(stream);
  assert.ok(error instanceof StreamIncompleteError);
  assert.deepEqual(error.holes, [
    [0n, 10n],
    [20n, 90n],
  ]);
  assert.match(error.message, /0\.\.10, 20\.\.90/);
  assert.deepEqual(stage.taken().slice(-2), [frames.cancel(3, 0), frames.ack(2)]);
});

test("bytes asked by hand stay readable when a deployed sender finishes after the last of them", async () => {
  const { stage, stream } = await begin(100n);
  void stage.session.requestRange(stream, 90n, 100n);
  stage.peer.send(frames.chunk(0, 90n, someBytes(10)), frames.finish(2, 0));
  await stage.pass();
  assert.deepEqual(stream.take(), someBytes(10));
  assert.ok(failure(stream) instanceof StreamIncompleteError);
});

test("offsets beyond 2^53 are exact", async () => {
  const size = (1n << 60n) + 1n;
  const { stage, stream } = await begin(size);
  const start = (1n << 53n) + 1n;
  void stage.session.requestRange(stream, start, start + 4n);
  stage.peer.send(frames.chunk(0, start, someBytes(2)), frames.chunk(0, start + 2n, someBytes(2)));
  await stage.pass();
  assert.deepEqual(fetched(stage), [[start, start + 4n]]);
  assert.equal(stream.receivedBytes, 4n);
  stage.peer.send(frames.chunk(0, start + 5n, someBytes(1)));
  await stage.pass();
  assert.ok(failure(stream) instanceof StreamDataError);
});
