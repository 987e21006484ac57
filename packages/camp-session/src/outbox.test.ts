import assert from "node:assert/strict";
import { test } from "node:test";
import type { CampFrame } from "camp-protocol";
import type { Backpressure } from "./limits.js";
import { frames, HandSource, ManualStage, PatternSource, someBytes, watch } from "./testing/index.js";

// What leaves when, and what waits: rules 8 to 10.

const kib = 1024;
const mib = 1 << 20;

const small: Backpressure = {
  highWaterMark: 1000,
  lowWaterMark: 500,
  maxQueuedBytes: 10_000,
  maxQueueCount: 100,
  dropPolicy: "drop-oldest",
};

/** Frames as short words: messages by their text or size, chunks by their stream. */
function words(sent: readonly CampFrame[]): string[] {
  return sent.map((frame) => {
    if (frame.type === "utf8data") return frame.payload;
    return frame.type === "tx_chunk" ? `chunk ${frame.txId}` : frame.type;
  });
}

function startStreams(stage: ManualStage, count: number, size = 100n * BigInt(mib)): void {
  for (let i = 0; i < count; i++) {
    void stage.session.stream(new PatternSource(size), { name: String(i), behaviour: "push" });
  }
}

test("sending pauses when the socket holds the high mark and resumes below the low one", () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  const text = "x".repeat(487); // a frame of 500 bytes
  for (let i = 0; i < 3; i++) void stage.session.send("utf8", text);
  assert.equal(stage.taken().length, 2);
  assert.equal(stage.session.canSend, false);
  stage.flush(500);
  assert.equal(stage.transport.bufferedBytes, 500);
  assert.equal(stage.taken().length, 0);
  stage.flush(1);
  assert.equal(stage.taken().length, 1);
});

test("numbers run without gaps on the wire whatever was dropped", () => {
  const stage = new ManualStage({ settings: { backpressure: { ...small, maxQueueCount: 2 } } });
  const sent = Array.from({ length: 8 }, (_, i) => watch(stage.session.send("utf8", String(i).repeat(500))));
  stage.flush();
  stage.flush();
  const numbers = stage.taken().map((frame) => (frame as { ack: number }).ack);
  assert.deepEqual(numbers, [1, 2, 3, 4]);
  assert.equal(sent.length, 8);
  assert.equal(stage.session.stats.droppedFrames, 4);
});

test("the batch of a turn lies in the socket and not in the queue", () => {
  const stage = new ManualStage();
  for (let i = 0; i < 2000; i++) void stage.session.send("utf8", "x");
  assert.equal(stage.taken().length, 2000);
  assert.deepEqual([stage.session.stats.queuedFrames, stage.session.stats.droppedFrames], [0, 0]);
});

test("drained resolves and drain fires when sending may go on, also when nothing was queued", async () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  for (let i = 0; i < 2; i++) void stage.session.send("utf8", "x".repeat(500));
  assert.equal(stage.session.canSend, false);
  const drained = watch(stage.session.drained());
  await stage.pass();
  assert.equal(drained.state, "pending");
  stage.flush();
  await stage.pass();
  assert.equal(drained.state, "resolved");
  assert.deepEqual(stage.end.log, ["connected", "drain"]);
});

test("drain fires after canSend turned false although nobody asked and nothing was queued", () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  void stage.session.send("utf8", "x".repeat(1000));
  assert.equal(stage.session.canSend, false);
  stage.flush();
  assert.equal(stage.session.canSend, true);
  assert.deepEqual(stage.end.log, ["connected", "drain"]);
});

test("drained before the first connection resolves with the handshake, and at once when nothing waits", async () => {
  const stage = new ManualStage({ reconnects: true });
  await stage.session.drained();
  stage.session.closed(1006, "");
  const drained = watch(stage.session.drained());
  await stage.pass();
  assert.equal(drained.state, "pending");
  stage.attach();
  await stage.pass();
  assert.equal(drained.state, "resolved");
});

test("drained rejects with the reason of its signal and with the end of the session", async () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  void stage.session.send("utf8", "x".repeat(1000));
  const controller = new AbortController();
  const aborted = watch(stage.session.drained({ signal: controller.signal }));
  const closed = watch(stage.session.drained());
  const reason = new Error("enough");
  controller.abort(reason);
  stage.session.destroy();
  await stage.pass();
  assert.equal(aborted.error, reason);
  assert.equal(closed.error?.code, "SESSION_CLOSED");
});

test("at 65 536 unacknowledged frames nothing more is handed over until an ACK comes", () => {
  const stage = new ManualStage();
  for (let i = 0; i < 65_540; i++) void stage.session.send("utf8", "");
  assert.equal(stage.taken().length, 65_536);
  assert.equal(stage.session.stats.queuedFrames, 4);
  stage.give(frames.ack(1));
  assert.deepEqual(stage.taken(), [frames.utf8(65_537, "")]);
});

test("at highWaterMark + maxQueuedBytes unacknowledged bytes nothing more is handed over", () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  for (let i = 0; i < 13; i++) {
    void stage.session.send("utf8", "x".repeat(987)); // a frame of 1000 bytes
    stage.flush();
  }
  assert.equal(stage.taken().length, 11);
  assert.equal(stage.session.canSend, false);
  stage.give(frames.ack(1));
  assert.equal(stage.taken().length, 1);
});

test("an ACK lets streams go on that waited for the ledger although no message is queued", async () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  for (let i = 0; i < 11; i++) {
    void stage.session.send("utf8", "x".repeat(987));
    stage.flush();
  }
  startStreams(stage, 1, 10n);
  await stage.pass();
  stage.taken();
  stage.give(frames.ack(1));
  await stage.pass();
  assert.deepEqual(words(stage.taken()), ["tx_start", "chunk 0"]);
});

test("control frames do not wait behind queued messages", () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  for (let i = 0; i < 3; i++) void stage.session.send("utf8", "x".repeat(900));
  stage.taken();
  stage.give(frames.utf8(1, "hi"));
  assert.deepEqual(stage.taken(), []);
  stage.flush();
  assert.deepEqual(words(stage.taken()), ["ack", "x".repeat(900)]);
});

test("more than 1 MiB of waiting control frames closes with 4001: does not read", () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  void stage.session.send("utf8", "x".repeat(1000));
  const ackBytes = 13;
  const allowed = Math.floor(mib / ackBytes);
  for (let i = 0; i < allowed; i++) stage.give(frames.utf8(i, ""));
  assert.equal(stage.session.state, "open");
  stage.give(frames.utf8(allowed, ""));
  assert.deepEqual(stage.transport.closedWith, { code: 4001, reason: "does not read" });
  assert.deepEqual(stage.end.log.slice(-1), ["closed 4001 does not read"]);
});

test("chunks enter the socket only while it holds less than 256 KiB", async () => {
  const stage = new ManualStage();
  startStreams(stage, 5);
  await stage.pass();
  const buffered = stage.transport.bufferedBytes;
  assert.ok(buffered >= 256 * kib && buffered < 256 * kib + 66 * kib, `${buffered} bytes buffered`);
  stage.taken();
  stage.flush(buffered - 256 * kib);
  assert.deepEqual(stage.taken(), []);
  stage.flush(1);
  assert.equal(stage.taken().length, 1);
});

test("a message leaves at once although streams have filled their share of the socket", async () => {
  const stage = new ManualStage();
  startStreams(stage, 5);
  await stage.pass();
  stage.taken();
  void stage.session.send("utf8", "now");
  assert.deepEqual(words(stage.taken()), ["now"]);
});

test("streams take turns by chunks of 64 KiB", async () => {
  const stage = new ManualStage();
  startStreams(stage, 3);
  await stage.pass();
  stage.give(...[0, 1, 2].map((txId) => frames.fetch(txId, txId, 0n, BigInt(mib))));
  await stage.pass();
  stage.taken();
  stage.flush();
  await stage.pass();
  stage.flush();
  const chunks = words(stage.taken());
  assert.equal(chunks.length, 8);
  for (const [index, word] of chunks.entries()) if (index >= 3) assert.equal(word, chunks[index - 3]);
  assert.equal(new Set(chunks).size, 3);
});

test("after 256 KiB of messages in a row each runnable stream may send one chunk", async () => {
  const stage = new ManualStage();
  startStreams(stage, 3);
  await stage.pass();
  stage.give(...[0, 1, 2].map((txId) => frames.fetch(txId, txId, 0n, BigInt(mib))));
  await stage.pass();
  stage.taken();
  for (let i = 0; i < 16; i++) void stage.session.send("utf8", "m".repeat(32 * kib - 13));
  const sent = words(stage.taken()).map((word) => (word.startsWith("chunk") ? word : "m"));
  const run = Array.from({ length: 8 }, () => "m");
  const chunks = sent.filter((word) => word !== "m");
  assert.deepEqual(sent.slice(0, 9), [...run, chunks[0]]);
  assert.deepEqual(chunks.slice(0, 3).sort(), ["chunk 0", "chunk 1", "chunk 2"]);
  assert.deepEqual(sent.slice(11, 19), run);
});

test("queued messages let the streams have their chunk as well", async () => {
  const stage = new ManualStage();
  startStreams(stage, 1);
  await stage.pass();
  for (let i = 0; i < 34; i++) void stage.session.send("utf8", "m".repeat(512 * kib - 13));
  stage.taken();
  stage.flush();
  assert.deepEqual(words(stage.taken()).map((word) => word.slice(0, 1))[0], "m");
});

test("streams send at most 256 KiB a turn of the event loop, however fast the socket is", async () => {
  const stage = new ManualStage();
  startStreams(stage, 4);
  await stage.pass();
  stage.give(...[0, 1, 2, 3].map((txId) => frames.fetch(txId, txId, 0n, 4n * BigInt(mib))));
  await stage.pass();
  stage.flush();
  await stage.pass();
  stage.taken();
  const before = stage.transport.sent.length;
  // The socket takes everything at once and says so again and again within one turn.
  for (let i = 0; i < 100; i++) stage.flush();
  const bytes = stage.transport.sent.slice(before).reduce((sum, sent) => sum + sent.byteLength, 0);
  assert.ok(bytes > 0 && bytes <= 256 * kib + 64 * kib + 21, `${bytes} bytes in one turn`);
});

test("BYE is the last frame and leaves behind all that waits", async () => {
  const stage = new ManualStage({ settings: { backpressure: small } });
  for (let i = 0; i < 3; i++) void stage.session.send("utf8", "x".repeat(900));
  startStreams(stage, 1);
  void stage.session.close("done");
  stage.flush();
  await stage.pass();
  stage.flush();
  stage.give(frames.ack(1), frames.ack(2), frames.ack(3));
  assert.deepEqual(
    words(stage.taken()).map((word) => word[0]),
    ["x", "x", "x", "b"],
  );
});

test("no stream frame leaves before our ENDPOINT_INFO was acknowledged, messages do", async () => {
  const stage = new ManualStage({ reconnects: true });
  stage.session.closed(1006, "");
  stage.transport = new (Object.getPrototypeOf(stage.transport).constructor)();
  stage.session.attach(stage.transport);
  void stage.session.stream(new HandSource().give(someBytes(3)), { name: "s", behaviour: "push" });
  void stage.session.send("utf8", "early");
  stage.give(frames.info());
  await stage.pass();
  assert.deepEqual(words(stage.taken()), ["endpoint_info", "ack", "early"]);
  stage.give(frames.ack(0));
  await stage.pass();
  assert.deepEqual(words(stage.taken()), ["tx_start", "chunk 0"]);
});

test("a peer that provokes numbered answers and acknowledges none is closed with 4001", () => {
  const stage = new ManualStage({ settings: { keepAliveIntervalMs: 1_000_000 } });
  for (let txId = 0; txId < 64; txId++) stage.give(frames.start(txId, txId, -1n));
  // Each further stream is cancelled, and each TX_CANCEL takes a number that the peer leaves open.
  const perMib = Math.floor(mib / 17);
  for (let i = 0; i < 65_536 + perMib; i++) stage.give(frames.start(64 + i, 1000 + i, -1n));
  assert.equal(stage.session.state, "open");
  assert.equal(stage.session.stats.unackedFrames, 65_536);
  stage.give(frames.start(9, 900, -1n));
  assert.deepEqual(stage.transport.closedWith, { code: 4001, reason: "does not read" });
});

test("a numbered control frame that had to wait leaves as soon as something was acknowledged", () => {
  const stage = new ManualStage();
  for (let i = 0; i < 65_536; i++) void stage.session.send("utf8", "");
  stage.give(frames.start(0, 0, 10n), frames.chunk(0, 5n, someBytes(1)), frames.ping);
  assert.deepEqual(words(stage.taken()).slice(65_536), ["ack", "ping_pong"]);
  stage.give(frames.ack(1));
  assert.deepEqual(stage.taken(), [frames.cancel(65_537, 0)]);
});
