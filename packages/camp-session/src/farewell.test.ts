import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionClosedError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import { frames, Stage, watch } from "./testing/index.js";

const slowHooks = (side: "sending" | "receiving", run: () => unknown): Hooks => {
  const chain = [{ extension: "slow", run }];
  return { sending: () => (side === "sending" ? chain : []), receiving: () => (side === "receiving" ? chain : []) };
};

test("a BYE is acknowledged and answered by closing with 4000", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.bye(1, "farewell"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  assert.equal(stage.peer.closedWith?.code, 4000);
  assert.deepEqual(stage.log, ["connected", "closed 4000 farewell"]);
});

test("the receiver of BYE lets earlier messages finish their hooks and ACKs first", async () => {
  let release = (): void => {};
  const hooks = slowHooks("receiving", () => new Promise<void>((resolve) => (release = resolve)));
  const stage = await Stage.open({ hooks });
  stage.peer.send(frames.utf8(1, "before"), frames.bye(2, "farewell"));
  await stage.pass(50);
  assert.deepEqual(stage.taken(), []);
  release();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.ack(2)]);
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "before" }]);
  assert.equal(stage.peer.closedWith?.code, 4000);
  assert.deepEqual(stage.log, ["connected", "closed 4000 farewell"]);
});

test("the receiver of BYE rejects what it has queued itself", async () => {
  const stage = await Stage.open();
  const sent = watch(stage.session.send("utf8", "unanswered"));
  stage.peer.send(frames.bye(1, "farewell"));
  await stage.pass();
  assert.ok(sent.error instanceof SessionClosedError && sent.error.reason === "farewell");
});

test("a connection that dies while hooks hold the messages before a BYE still ends gracefully", async () => {
  let release = (): void => {};
  const hooks = slowHooks("receiving", () => new Promise<void>((resolve) => (release = resolve)));
  const stage = await Stage.open({ hooks, reconnects: true });
  stage.peer.send(frames.utf8(1, "before"), frames.bye(2, "farewell"));
  await stage.pass();
  stage.near.cut(true, true);
  await stage.pass();
  assert.deepEqual(stage.log, ["connected", "disconnected 1006 "]);
  release();
  await stage.pass();
  assert.deepEqual(stage.log, ["connected", "disconnected 1006 ", "closed 4000 farewell"]);
});

test("crossing BYEs are each acknowledged and closed fires once", async () => {
  const stage = await Stage.open();
  void stage.session.close("ours");
  stage.peer.send(frames.bye(1, "theirs"));
  await stage.pass();
  stage.peer.send(frames.ack(1));
  await stage.pass(1000);
  assert.deepEqual(stage.taken(), [frames.bye(1, "ours"), frames.ack(1)]);
  assert.deepEqual(stage.log, ["connected", "closed 4000 ours"]);
  assert.equal(stage.end.closes, 1);
});

test("Destroy cuts the connection without BYE and ends with 1006", async () => {
  const stage = await Stage.open({ reconnects: true });
  const sent = watch(stage.session.send("utf8", "unanswered"));
  const ping = watch(stage.session.ping());
  stage.session.destroy();
  stage.session.destroy();
  assert.deepEqual(stage.log, ["connected", "closed 1006 destroyed"]);
  await stage.pass();
  assert.deepEqual(stage.peer.of("bye"), []);
  assert.equal(stage.peer.closedWith?.code, 1006);
  assert.ok(sent.error instanceof SessionClosedError && ping.error instanceof SessionClosedError);
});

test("what the hooks still hold when the socket closes is delivered before closed", async () => {
  let release = (): void => {};
  const hooks = slowHooks("receiving", () => new Promise<void>((resolve) => (release = resolve)));
  const stage = await Stage.open({ hooks });
  stage.peer.send(frames.utf8(1, "held"));
  await stage.pass();
  stage.near.cut(true, true);
  await stage.pass();
  assert.deepEqual(stage.log, ["connected"]);
  release();
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "held" }]);
  assert.deepEqual(stage.log, ["connected", "closed 1006 "]);
});

test("nothing comes after closed, not even the failure of a hook that still ran", async () => {
  let fail = (_error: Error): void => {};
  const hooks = slowHooks("sending", () => new Promise<void>((_, reject) => (fail = reject)));
  const stage = await Stage.open({ hooks });
  const sent = watch(stage.session.send("utf8", "held"));
  await stage.pass();
  stage.session.destroy();
  fail(new Error("too late"));
  await stage.pass(20_000);
  assert.ok(sent.error instanceof SessionClosedError);
  assert.deepEqual(stage.log, ["connected", "closed 1006 destroyed"]);
});
