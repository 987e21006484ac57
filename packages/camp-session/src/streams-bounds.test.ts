import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamTimeoutError } from "./errors.js";
import { failure, frames, HandSource, PatternSource, Stage, someBytes, watch } from "./testing/index.js";

// Limits, waiting and giving up: rules 23.

const push = (name: string) => ({ name, behaviour: "push" as const });

test("streams that nobody waits for are handed out later, those of one name in order of arrival", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 4, -1n, 0, "a"), frames.start(2, 2, -1n, 0, "a"), frames.start(3, 3, -1n, 0, "b"));
  await stage.pass();
  assert.equal((await stage.session.waitForStream("b")).txId, 3);
  assert.equal((await stage.session.waitForStream("a")).txId, 4);
  assert.equal((await stage.session.waitForStream("a")).txId, 2);
});

test("those who wait for a name are served in the order of their calls", async () => {
  const stage = await Stage.open();
  const first = watch(stage.session.waitForStream("a"));
  const second = watch(stage.session.waitForStream("a"));
  stage.peer.send(frames.start(1, 4, -1n, 0, "a"));
  await stage.pass();
  assert.deepEqual([first.value?.txId, second.state], [4, "pending"]);
});

test("64 streams may be unclaimed, the next one is cancelled and told", async () => {
  const stage = await Stage.open();
  for (let txId = 0; txId < 64; txId++) stage.peer.send(frames.start(stage.nextAck, txId, -1n, 0, "u"));
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), []);
  stage.peer.send(frames.start(stage.nextAck, 64, -1n, 0, "u"));
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 64)]);
  assert.deepEqual(stage.log.slice(-1), ["unclaimed u 64"]);
});

test("a claimed stream makes room for another unclaimed one", async () => {
  const stage = await Stage.open();
  for (let txId = 0; txId < 64; txId++) stage.peer.send(frames.start(stage.nextAck, txId, -1n, 0, "u"));
  await stage.claim("u");
  stage.peer.send(frames.start(stage.nextAck, 64, -1n, 0, "u"));
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), []);
});

test("4 MiB may lie unclaimed, what brings more is cancelled", async () => {
  const stage = await Stage.open();
  for (let txId = 0; txId < 17; txId++) {
    stage.peer.send(frames.start(stage.nextAck, txId, -1n, 0, "u"));
    if (txId < 16) stage.peer.send(frames.chunk(txId, 0n, someBytes(1 << 18)));
  }
  await stage.pass(20);
  assert.deepEqual(stage.peer.of("tx_cancel"), []);
  stage.peer.send(frames.chunk(16, 0n, someBytes(1)));
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 16)]);
  assert.deepEqual(stage.log.slice(-1), ["unclaimed u 16"]);
});

test("a stream that nobody claimed for 30 s is cancelled and told", async () => {
  const stage = await Stage.open({ settings: { keepAliveIntervalMs: 100_000 } });
  stage.peer.send(frames.start(1, 0, -1n, 0, "u"));
  await stage.pass(1);
  await stage.pass(29_999);
  assert.deepEqual(stage.log, ["connected"]);
  await stage.pass(1);
  assert.deepEqual(stage.log, ["connected", "unclaimed u 0"]);
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
});

test("a finished stream that nobody claims is given up after 30 s without TX_CANCEL", async () => {
  const stage = await Stage.open({ settings: { keepAliveIntervalMs: 100_000 } });
  stage.peer.send(frames.start(1, 0, -1n, 0, "u"), frames.chunk(0, 0n, someBytes(5)), frames.finish(2, 0));
  await stage.pass(30_002);
  assert.deepEqual(stage.log, ["connected", "unclaimed u 0"]);
  assert.deepEqual(stage.peer.of("tx_cancel"), []);
});

test("a claimed stream may stay unread for as long as it likes", async () => {
  const stage = await Stage.open();
  stage.acknowledgeAll();
  stage.peer.send(frames.start(1, 0, 10n, 0, "in"));
  const stream = await stage.claim("in");
  stage.peer.send(frames.chunk(0, 0n, someBytes(5)));
  for (let minute = 0; minute < 5; minute++) {
    stage.peer.send(frames.ping);
    await stage.pass(10_000);
  }
  assert.equal(stream.state.at, "open");
});

test("256 streams may be open, Stream() beyond waits for one to end", async () => {
  const stage = await Stage.open();
  for (let i = 0; i < 257; i++) void stage.session.stream(new HandSource(), push(String(i)));
  await stage.pass();
  assert.equal(stage.peer.of("tx_start").length, 256);
  stage.peer.send(frames.cancel(1, 7));
  await stage.pass();
  assert.equal(stage.peer.of("tx_start").length, 257);
  assert.equal(stage.peer.of("tx_start").at(-1)?.name, "256");
});

test("WaitForStream times out exactly, and the stream that comes later stays unclaimed", async () => {
  const stage = await Stage.open();
  const waiting = watch(stage.session.waitForStream("late", { timeoutMs: 100 }));
  await stage.pass(99);
  assert.equal(waiting.state, "pending");
  await stage.pass(1);
  assert.ok(waiting.error instanceof StreamTimeoutError);
  stage.peer.send(frames.start(1, 0, -1n, 0, "late"));
  await stage.pass();
  assert.equal((await stage.session.waitForStream("late")).txId, 0);
});

test("WaitForStream rejects with the reason of its signal, before and while waiting", async () => {
  const stage = await Stage.open();
  const reason = new Error("changed my mind");
  await assert.rejects(stage.session.waitForStream("a", { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const waiting = watch(stage.session.waitForStream("a", { signal: controller.signal }));
  controller.abort(reason);
  await stage.pass();
  assert.equal(waiting.error, reason);
});

test("a stream that brings nothing although its reader waits fails after idleTimeoutMs", async () => {
  const stage = await Stage.open();
  const waiting = watch(stage.session.waitForStream("s", { idleTimeoutMs: 1000 }));
  stage.peer.send(frames.start(1, 0, -1n, 0, "s"));
  await stage.pass(1);
  const stream = waiting.value!;
  await stage.pass(999);
  assert.equal(stream.state.at, "open");
  await stage.pass(1);
  assert.ok(failure(stream) instanceof StreamTimeoutError);
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_cancel"), [frames.cancel(1, 0)]);
});

test("a slow reader is no idle stream", async () => {
  const stage = await Stage.open();
  const waiting = watch(stage.session.waitForStream("s", { idleTimeoutMs: 1000 }));
  stage.peer.send(frames.start(1, 0, -1n, 0, "s"), frames.chunk(0, 0n, someBytes(5)));
  await stage.pass(5000);
  assert.equal(waiting.value!.state.at, "open");
});

test("aborting the signal of Stream() aborts the stream and releases its source", async () => {
  const stage = await Stage.open();
  const controller = new AbortController();
  const source = new HandSource();
  const sent = watch(stage.session.stream(source, { ...push("s"), signal: controller.signal }));
  await stage.pass();
  const reason = new Error("user left");
  controller.abort(reason);
  await stage.pass();
  assert.equal(sent.error, reason);
  assert.equal(source.closes, 1);
  assert.equal(stage.peer.of("tx_abort").length, 1);
  assert.equal(stage.session.stats.openStreams, 0);
});

test("a signal that has fired already rejects Stream() and releases the source", async () => {
  const stage = await Stage.open();
  const source = new HandSource();
  const reason = new Error("too late");
  await assert.rejects(stage.session.stream(source, { ...push("s"), signal: AbortSignal.abort(reason) }), reason);
  assert.equal(source.closes, 1);
});

test("a signal that fires while Stream() waits for its turn rejects it at once", async () => {
  const stage = new Stage();
  const controller = new AbortController();
  const source = new HandSource();
  const sent = watch(stage.session.stream(source, { ...push("s"), signal: controller.signal }));
  const reason = new Error("user left");
  controller.abort(reason);
  await stage.pass();
  assert.equal(sent.error, reason);
  assert.equal(source.closes, 1);
  await stage.introduce();
  await stage.pass();
  assert.deepEqual(stage.peer.of("tx_start"), []);
  assert.equal(stage.session.stats.openStreams, 0);
});

test("onProgress is called after each chunk with the bytes so far", async () => {
  const stage = await Stage.open();
  const seen: [bigint, bigint | null][] = [];
  const onProgress = (sent: bigint, size: bigint | null) => void seen.push([sent, size]);
  void stage.session.stream(new PatternSource(100_000n), { ...push("s"), onProgress });
  await stage.pass();
  assert.deepEqual(seen, [
    [65_536n, 100_000n],
    [100_000n, 100_000n],
  ]);
});

test("onProgress that throws is an error of the application and does not disturb the stream", async () => {
  const stage = await Stage.open();
  const failed = new Error("bad progress bar");
  const onProgress = () => {
    throw failed;
  };
  const source = new HandSource().give(someBytes(3), null);
  const sent = watch(stage.session.stream(source, { ...push("s"), onProgress }));
  stage.acknowledgeAll();
  await stage.pass(20);
  assert.equal(sent.state, "resolved");
  assert.deepEqual(stage.end.errors, [failed]);
});

test("a name over 1 KiB rejects Stream() and disturbs nothing", async () => {
  const stage = await Stage.open();
  const source = new HandSource();
  await assert.rejects(stage.session.stream(source, push("é".repeat(513))), { code: "TOO_LARGE" });
  assert.equal(source.closes, 1);
  void stage.session.stream(new HandSource(), push("é".repeat(512)));
  await stage.pass();
  assert.equal(stage.peer.of("tx_start").length, 1);
});

test("Stream() rejects when the peer did not announce transactions", async () => {
  const stage = new Stage();
  const early = new HandSource();
  const waiting = watch(stage.session.stream(early, push("early")));
  await stage.introduce(0n);
  const late = new HandSource();
  await assert.rejects(stage.session.stream(late, push("late")), { code: "NO_STREAMS" });
  assert.equal(waiting.error?.code, "NO_STREAMS");
  assert.deepEqual([early.closes, late.closes], [1, 1]);
  assert.deepEqual(stage.peer.of("tx_start"), []);
});
