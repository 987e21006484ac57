import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionClosedError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import { failure, frames, Stage, someBytes, watch } from "./testing/index.js";

const slowHooks = (side: "sending" | "receiving", run: () => unknown): Hooks => {
  const chain = [{ extension: "slow", run }];
  return { sending: () => (side === "sending" ? chain : []), receiving: () => (side === "receiving" ? chain : []) };
};

test("Close sends BYE with its reason, waits for the ACK and closes with 4000", async () => {
  const stage = await Stage.open();
  const closed = watch(stage.session.close("done"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.bye(1, "done")]);
  assert.equal(stage.session.state, "closing");
  assert.equal(stage.peer.closedWith, null);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.deepEqual(stage.peer.closedWith, { code: 4000, reason: "done" });
  assert.equal(closed.state, "resolved");
  assert.deepEqual(stage.log, ["connected", "closed 4000 done"]);
  assert.equal(stage.session.state, "closed");
});

test("Close lets what is queued and in hooks leave and be acknowledged before BYE", async () => {
  let release = (): void => {};
  const hooks = slowHooks("sending", () => new Promise<void>((resolve) => (release = resolve)));
  const stage = await Stage.open({ hooks });
  const sent = watch(stage.session.send("utf8", "last words"));
  await stage.pass();
  void stage.session.close("done");
  await stage.pass();
  assert.deepEqual(stage.taken(), []);
  release();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.utf8(1, "last words")]);
  await stage.pass(100);
  assert.deepEqual(stage.taken(), []);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.equal(sent.state, "resolved");
  assert.deepEqual(stage.taken(), [frames.bye(2, "done")]);
});

test("new messages, streams, pings and waiting for streams reject from the moment of Close", async () => {
  const stage = await Stage.open();
  void stage.session.close("done");
  const source = {
    kind: "sequential" as const,
    size: null,
    next: () => Promise.resolve(null),
    close: () => released++,
  };
  let released = 0;
  for (const attempt of [
    stage.session.send("utf8", "too late"),
    stage.session.ping(),
    stage.session.drained(),
    stage.session.waitForStream("any"),
    stage.session.stream(source, { name: "late", behaviour: "push" }),
  ]) {
    await assert.rejects(attempt, (error: Error) => error instanceof SessionClosedError && error.closeCode === 4000);
  }
  assert.equal(released, 1);
  assert.equal(stage.session.canSend, false);
});

test("Close fails unfinished streams at both ends of the API", async () => {
  const stage = await Stage.open();
  const source = {
    kind: "sequential" as const,
    size: null,
    next: () => new Promise<null>(() => {}),
    close: () => released++,
  };
  let released = 0;
  const outgoing = watch(stage.session.stream(source, { name: "out", behaviour: "push" }));
  stage.peer.send(frames.start(1, 0, 10n, 0, "in"));
  const incoming = await stage.claim("in");
  const waiting = watch(stage.session.waitForStream("never"));
  void stage.session.close("done");
  await stage.pass();
  assert.ok(outgoing.error instanceof SessionClosedError);
  assert.ok(waiting.error instanceof SessionClosedError);
  assert.ok(failure(incoming) instanceof SessionClosedError);
  assert.equal(released, 1);
});

test("Close reads again although a stream had paused reading", async () => {
  const stage = await Stage.open({ features: 1n });
  stage.peer.send(frames.start(1, 0, -1n, 0, "in"));
  const stream = await stage.claim("in");
  for (let i = 0; i < 5; i++) stage.peer.send(frames.chunk(0, BigInt(i) << 20n, someBytes(1 << 20)));
  await stage.pass(20);
  assert.ok(stream.receivedBytes >= 4n << 20n);
  stage.peer.send(frames.utf8(2, "behind the pause"));
  await stage.pass(20);
  assert.deepEqual(stage.end.messages, []);
  void stage.session.close("done");
  await stage.pass(20);
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "behind the pause" }]);
});

test("a stream whose FINISH arrived stays readable after the session ended", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.start(1, 0, 5n, 0, "in"), frames.chunk(0, 0n, someBytes(5)), frames.finish(2, 0));
  const stream = await stage.claim("in");
  await stage.pass();
  stage.session.destroy();
  assert.equal(stream.state.at, "open");
  assert.deepEqual(stream.take(), someBytes(5));
  assert.equal(stream.state.at, "ended");
});

test("the deadline of Close runs over all steps and jumps to the close frame", async () => {
  const stage = await Stage.open({ settings: { closeTimeoutMs: 3000 } });
  const sent = watch(stage.session.send("utf8", "never acknowledged"));
  const closed = watch(stage.session.close("done"));
  await stage.pass(2999);
  assert.equal(stage.peer.closedWith, null);
  await stage.pass(2);
  assert.deepEqual(stage.peer.closedWith, { code: 4000, reason: "done" });
  await stage.pass();
  assert.equal(closed.state, "resolved");
  assert.ok(sent.error instanceof SessionClosedError);
  assert.deepEqual(stage.peer.of("bye"), []);
});

test("a peer that does not answer the close frame is terminated 500 ms later", async () => {
  const stage = await Stage.open();
  const closed = watch(stage.session.close("done"));
  await stage.pass();
  stage.near.cut(false, false);
  const startedAt = 3000 + 3;
  await stage.time.run(startedAt + 499);
  assert.equal(closed.state, "pending");
  await stage.time.run(startedAt + 500);
  assert.equal(closed.state, "resolved");
  assert.deepEqual(stage.log, ["connected", "closed 4000 done"]);
});

test("a peer that closes instead of acknowledging BYE ends the session as well", async () => {
  const stage = await Stage.open();
  const closed = watch(stage.session.close("done"));
  await stage.pass();
  stage.peer.close(4000, "");
  await stage.pass();
  assert.equal(closed.state, "resolved");
  assert.equal(stage.end.closes, 1);
  assert.match(stage.log.at(-1)!, /^closed 4000/);
});

test("a close code of the application sends no BYE and emits closed at once", async () => {
  const stage = await Stage.open();
  const closed = watch(stage.session.close("over quota", 4100));
  assert.deepEqual(stage.log, ["connected", "closed 4100 over quota"]);
  await stage.pass();
  assert.equal(closed.state, "resolved");
  assert.deepEqual(stage.taken(), []);
  assert.deepEqual(stage.peer.closedWith, { code: 4100, reason: "over quota" });
});

test("Close is idempotent and every call resolves when closed fired", async () => {
  const stage = await Stage.open();
  const first = watch(stage.session.close("one"));
  const second = watch(stage.session.close("two"));
  await stage.pass();
  assert.equal(stage.peer.of("bye").length, 1);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.deepEqual([first.state, second.state], ["resolved", "resolved"]);
  await stage.session.close("three");
  assert.equal(stage.end.closes, 1);
});

test("Close of a disconnected session rejects everything at once", async () => {
  const stage = await Stage.open({ reconnects: true });
  const sent = watch(stage.session.send("utf8", "waits for the next connection"));
  stage.near.cut(true, true);
  await stage.pass();
  void stage.session.close("done");
  assert.deepEqual(stage.log.slice(-1), ["closed 4000 done"]);
  await stage.pass();
  assert.ok(sent.error instanceof SessionClosedError);
});

test("Close during the handshake says BYE before the peer introduced itself", async () => {
  const stage = new Stage();
  stage.connect();
  await stage.pass();
  stage.taken();
  void stage.session.close("changed my mind");
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.bye(1, "changed my mind")]);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.deepEqual(stage.log, ["closed 4000 changed my mind"]);
});

test("BYE and close reasons are cut to 123 bytes at a character", async () => {
  const stage = await Stage.open();
  const reason = `${"x".repeat(122)}é and more`;
  void stage.session.close(reason);
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.bye(1, "x".repeat(122))]);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.deepEqual(stage.peer.closedWith, { code: 4000, reason: "x".repeat(122) });
});

test("a close code of the application lets what was sent be acknowledged first", async () => {
  const stage = await Stage.open();
  const sent = watch(stage.session.send("utf8", "last words"));
  void stage.session.close("over quota", 4100);
  await stage.pass();
  assert.equal(stage.peer.closedWith, null);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.equal(sent.value, true);
  assert.deepEqual(stage.peer.closedWith, { code: 4100, reason: "over quota" });
});
