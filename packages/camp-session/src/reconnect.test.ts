import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLostError, SessionClosedError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import { failure, frames, ownFeatures, Stage, watch } from "./testing/index.js";

const stuckSource = {
  kind: "sequential" as const,
  size: null,
  next: () => new Promise<null>(() => {}),
  close: () => {},
};

async function cut(stage: Stage): Promise<void> {
  stage.near.cut(true, true);
  await stage.pass();
}

async function refuse(stage: Stage, code: number): Promise<void> {
  stage.peer.close(code, "no");
  await stage.pass();
}

test("a lost connection is disconnected, and the next handshake is reconnected", async () => {
  const stage = await Stage.open({ reconnects: true });
  await cut(stage);
  assert.equal(stage.session.state, "disconnected");
  await stage.introduce();
  assert.deepEqual(stage.log, ["connected", "disconnected 1006 ", "reconnected"]);
});

test("a session that does not reconnect ends with the connection", async () => {
  const stage = await Stage.open();
  await cut(stage);
  assert.deepEqual(stage.log, ["connected", "closed 1006 "]);
});

test("connected fires only after the handshake of a first connection that broke early", async () => {
  const stage = new Stage({ reconnects: true });
  stage.connect();
  await stage.pass();
  await cut(stage);
  await stage.introduce();
  await cut(stage);
  await stage.introduce();
  assert.deepEqual(stage.log, ["disconnected 1006 ", "connected", "disconnected 1006 ", "reconnected"]);
});

test("every connection starts with ENDPOINT_INFO under number 0", async () => {
  const stage = await Stage.open({ reconnects: true });
  void stage.session.send("utf8", "makes the number go on");
  await stage.pass();
  await cut(stage);
  stage.connect();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.info(0, ownFeatures)]);
});

test("unacknowledged messages go out first, in call order, under new numbers", async () => {
  const stage = await Stage.open({ reconnects: true });
  const sent = ["a", "b", "c"].map((text) => watch(stage.session.send("utf8", text)));
  await stage.pass();
  stage.peer.send(frames.ack(2));
  await stage.pass();
  await cut(stage);
  sent.push(watch(stage.session.send("utf8", "d")));
  stage.connect();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.info()]);
  stage.peer.send(frames.info(), frames.ack(0));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(0), frames.utf8(1, "a"), frames.utf8(2, "c"), frames.utf8(3, "d")]);
  stage.peer.send(frames.ack(1), frames.ack(2), frames.ack(3));
  await stage.pass();
  assert.deepEqual(
    sent.map(({ value }) => value),
    [true, true, true, true],
  );
});

test("messages that a reconnected handler sends come after those sent again", async () => {
  const stage = await Stage.open({ reconnects: true });
  void stage.session.send("utf8", "old");
  await stage.pass();
  await cut(stage);
  stage.end.onConnected = () => void stage.session.send("utf8", "new");
  stage.connect();
  stage.peer.send(frames.info());
  await stage.pass();
  assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "old"), frames.utf8(2, "new")]);
});

test("a message that was acknowledged is never sent again", async () => {
  const stage = await Stage.open({ reconnects: true });
  const sent = watch(stage.session.send("utf8", "once"));
  await stage.pass();
  stage.peer.send(frames.ack(1));
  await stage.pass();
  await cut(stage);
  await stage.introduce();
  assert.equal(sent.value, true);
  assert.deepEqual(stage.peer.of("utf8data"), []);
});

test("hooks do not run again for a message that is sent again", async () => {
  let runs = 0;
  const hooks: Hooks = { sending: () => [{ extension: "count", run: () => void runs++ }], receiving: () => [] };
  const stage = await Stage.open({ reconnects: true, hooks });
  void stage.session.send("utf8", "once hooked");
  await stage.pass();
  await cut(stage);
  await stage.introduce();
  assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "once hooked")]);
  assert.equal(runs, 1);
});

test("messages sent again are not subject to drops", async () => {
  const backpressure = { highWaterMark: 1 << 20, lowWaterMark: 1 << 18, maxQueuedBytes: 1 << 20, maxQueueCount: 1 };
  const stage = await Stage.open({
    reconnects: true,
    settings: { backpressure: { ...backpressure, dropPolicy: "drop-newest" } },
  });
  const sent = ["a", "b", "c"].map((text) => watch(stage.session.send("utf8", text)));
  await stage.pass();
  await cut(stage);
  sent.push(watch(stage.session.send("utf8", "queued")));
  sent.push(watch(stage.session.send("utf8", "over the limit")));
  await stage.introduce();
  assert.deepEqual(
    stage.peer.of("utf8data").map((frame) => frame.payload),
    ["a", "b", "c", "queued"],
  );
  assert.equal(sent[4]!.error?.code, "DROPPED");
});

for (const code of [4001, 4002]) {
  test(`a message in flight at two successive ${code} closes rejects instead of a third try`, async () => {
    const stage = await Stage.open({ reconnects: true });
    const poison = watch(stage.session.send("utf8", "poison"));
    await stage.pass();
    await refuse(stage, code);
    await stage.introduce();
    assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "poison")]);
    const fresh = watch(stage.session.send("utf8", "in flight once"));
    await stage.pass();
    await refuse(stage, code);
    assert.ok(poison.error instanceof SessionClosedError && poison.error.closeCode === code);
    await stage.introduce();
    assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "in flight once")]);
    assert.equal(fresh.state, "pending");
  });
}

test("a 4001 close counts only in succession: one of another kind between starts anew", async () => {
  const stage = await Stage.open({ reconnects: true });
  const sent = watch(stage.session.send("utf8", "steady"));
  await stage.pass();
  for (const code of [4001, 1011, 4002, 1001]) {
    await refuse(stage, code);
    await stage.introduce();
  }
  assert.equal(sent.state, "pending");
  assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "steady")]);
});

test("streams and pings fail with ConnectionLostError when disconnected fires", async () => {
  const stage = await Stage.open({ reconnects: true });
  const outgoing = watch(stage.session.stream(stuckSource, { name: "out", behaviour: "push" }));
  const ping = watch(stage.session.ping());
  stage.peer.send(frames.start(1, 0, 10n, 0, "in"));
  const incoming = await stage.claim("in");
  await stage.pass();
  await cut(stage);
  assert.ok(outgoing.error instanceof ConnectionLostError);
  assert.ok(ping.error instanceof ConnectionLostError);
  assert.ok(failure(incoming) instanceof ConnectionLostError);
});

test("a pending WaitForStream goes on waiting across a reconnect", async () => {
  const stage = await Stage.open({ reconnects: true });
  const waiting = watch(stage.session.waitForStream("later"));
  await cut(stage);
  await stage.introduce();
  assert.equal(waiting.state, "pending");
  stage.peer.send(frames.start(1, 0, 0n, 0, "later"));
  await stage.pass();
  assert.equal(waiting.value?.name, "later");
});

test("a fetch by hand that still waits behind a full socket fails with the connection", async () => {
  const stage = await Stage.open({ reconnects: true, network: { windowBytes: -1 } });
  stage.conditions.windowBytes = 1 << 20;
  stage.peer.send(frames.start(1, 0, 10n, 1, "pull"));
  await stage.pass();
  const stream = await stage.claim("pull");
  stage.conditions.windowBytes = -1;
  for (let i = 0; i < 17; i++) void stage.session.send("binary", new Uint8Array(1 << 20));
  const fetched = watch(stage.session.requestRange(stream, 0n, 10n));
  await stage.pass();
  await cut(stage);
  assert.ok(fetched.error instanceof ConnectionLostError);
});

test("a fetch by hand on a connection that is being given up rejects", async () => {
  const stage = await Stage.open({ reconnects: true });
  stage.peer.send(frames.start(1, 0, 10n, 1, "pull"));
  const stream = await stage.claim("pull");
  stage.session.receivedText();
  assert.equal(stage.session.state, "closing");
  await assert.rejects(stage.session.requestRange(stream, 0n, 10n), ConnectionLostError);
});

test("Close while a connection is being given up ends the session at once", async () => {
  const stage = await Stage.open({ reconnects: true });
  stage.session.receivedText();
  void stage.session.close("enough");
  assert.deepEqual(stage.log, ["connected", "closed 4000 enough"]);
  await stage.pass(1000);
  assert.equal(stage.end.closes, 1);
  assert.equal(stage.peer.closedWith?.code, 4001);
});

test("stream numbers start from 0 again on each connection", async () => {
  const stage = await Stage.open({ reconnects: true });
  for (let round = 0; round < 2; round++) {
    void stage.session.stream(stuckSource, { name: "s", behaviour: "push" });
    await stage.pass();
    assert.deepEqual(
      stage.peer.of("tx_start").map((frame) => frame.txId),
      [0],
    );
    await cut(stage);
    await stage.introduce();
  }
});

test("a message that arrived on a lost connection is not acknowledged on the next", async () => {
  let release = (): void => {};
  const run = () => new Promise<void>((resolve) => (release = resolve));
  const hooks: Hooks = { sending: () => [], receiving: () => [{ extension: "slow", run }] };
  const stage = await Stage.open({ reconnects: true, hooks });
  stage.peer.send(frames.utf8(1, "old"));
  await stage.pass();
  await cut(stage);
  await stage.introduce();
  release();
  await stage.pass();
  assert.deepEqual(stage.peer.of("ack"), [frames.ack(0)]);
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "old" }]);
});

test("the inbox that was full when the connection broke pauses the next one as well", async () => {
  const release: (() => void)[] = [];
  const run = () => new Promise<void>((resolve) => release.push(resolve));
  const hooks: Hooks = { sending: () => [], receiving: () => [{ extension: "slow", run }] };
  const stage = await Stage.open({ reconnects: true, hooks });
  for (let i = 1; i <= 1025; i++) stage.peer.send(frames.utf8(i, "x"));
  await stage.pass();
  await cut(stage);
  await stage.introduce();
  for (let i = 1; i <= 10; i++) stage.peer.send(frames.utf8(i, "y"));
  stage.peer.send(frames.ping);
  await stage.pass();
  assert.deepEqual(stage.peer.of("ping_pong"), []);
});

test("a client that gives up ends with the code and reason it is told", async () => {
  const stage = await Stage.open({ reconnects: true });
  const sent = watch(stage.session.send("utf8", "lost"));
  await cut(stage);
  stage.session.abandon(1006, "no attempt succeeded");
  await stage.pass();
  assert.deepEqual(stage.log.slice(-1), ["closed 1006 no attempt succeeded"]);
  assert.ok(sent.error instanceof SessionClosedError);
});
