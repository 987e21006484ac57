import assert from "node:assert/strict";
import { test } from "node:test";
import { PayloadTooLargeError } from "./errors.js";
import { frames, HandSource, ManualStage, Stage, someBytes, watch } from "./testing/index.js";

// Sending as an application sees it: api.md "Sending" and "Statistics".

test("each kind leaves as its frame, and its promise resolves to true when it was acknowledged", async () => {
  const stage = await Stage.open();
  const sent = [
    watch(stage.session.send("utf8", "text")),
    watch(stage.session.send("binary", someBytes(3))),
    watch(stage.session.send("error", "oops")),
  ];
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.utf8(1, "text"), frames.binary(2, someBytes(3)), frames.error(3, "oops")]);
  stage.peer.send(frames.ack(3), frames.ack(1));
  await stage.pass();
  assert.deepEqual(
    sent.map(({ value }) => value),
    [true, undefined, true],
  );
});

test("without hooks a message is in the socket before send returns, and its bytes were copied", () => {
  const stage = new ManualStage();
  const bytes = someBytes(3);
  void stage.session.send("binary", bytes);
  bytes.fill(9);
  assert.deepEqual(stage.taken(), [frames.binary(1, someBytes(3))]);
});

for (const [kind, payload] of [
  ["utf8", "é".repeat(524_289)],
  ["binary", new Uint8Array((1 << 20) + 1)],
  ["error", "x".repeat((1 << 20) + 1)],
] as const) {
  test(`a ${kind} payload over 1 MiB rejects with PayloadTooLargeError and takes no number`, async () => {
    const stage = await Stage.open();
    await assert.rejects(stage.session.send(kind, payload), (error: Error) => {
      return error instanceof PayloadTooLargeError && error.message.includes("Stream()");
    });
    void stage.session.send("utf8", "next");
    await stage.pass();
    assert.deepEqual(stage.taken(), [frames.utf8(1, "next")]);
  });
}

test("a rejection that nobody awaits raises no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listener);
  const stage = await Stage.open();
  void stage.session.send("utf8", "unanswered");
  void stage.session.send("binary", new Uint8Array(2 << 20));
  void stage.session.ping();
  void stage.session.stream(new HandSource(), { name: "s", behaviour: "push" });
  void stage.session.waitForStream("never");
  stage.session.destroy();
  void stage.session.send("utf8", "too late");
  await stage.pass();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", listener);
  assert.deepEqual(unhandled, []);
});

test("stats are a snapshot of what the session did", async () => {
  const stage = await Stage.open();
  const before = stage.session.stats;
  assert.equal(before.rttMs, null);
  void stage.session.send("utf8", "12345");
  void stage.session.stream(new HandSource(), { name: "s", behaviour: "push" });
  stage.peer.send(frames.utf8(1, "123"));
  await stage.pass();
  stage.peer.send(frames.ack(1));
  await stage.pass();
  const { stats } = stage.session;
  assert.equal(stats.framesTx - before.framesTx, 3);
  assert.equal(stats.bytesTx - before.bytesTx, 18 + 27 + 13);
  assert.equal(stats.framesRx - before.framesRx, 2);
  assert.equal(stats.bytesRx - before.bytesRx, 16 + 13);
  assert.equal(stats.rttMs, 4);
  assert.equal(stats.openStreams, 1);
  assert.equal(stats.unackedFrames, 1);
  assert.notEqual(before, stats);
  assert.equal(before.openStreams, 0);
});

test("stats tell what is queued", () => {
  const stage = new ManualStage({ reconnects: true });
  stage.session.closed(1006, "");
  void stage.session.send("utf8", "12345");
  void stage.session.send("binary", new Uint8Array(10));
  assert.equal(stage.session.stats.queuedFrames, 2);
  assert.equal(stage.session.stats.queuedBytes, 18 + 23);
});

test("what is sent while disconnected waits within the limits", async () => {
  const stage = new ManualStage({ reconnects: true });
  stage.session.closed(1006, "");
  const sent = Array.from({ length: 1025 }, (_, i) => watch(stage.session.send("utf8", String(i))));
  await stage.pass();
  assert.equal(sent[0]!.error?.code, "DROPPED");
  stage.attach();
  assert.equal(stage.session.stats.queuedFrames, 0);
});
