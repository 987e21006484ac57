import assert from "node:assert/strict";
import { test } from "node:test";
import { AckTimeoutError } from "./errors.js";
import { Pings } from "./pings.js";
import { frames, Stage, watch } from "./testing/index.js";
import { Timers } from "./timers.js";

// Pings in both directions: camp-v1.md section 5, rules 14.

test("a PING is answered with PONG, a PONG never", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.ping, frames.pong);
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.pong]);
});

test("ten pings are answered at once, one more each second, and the rest is counted", async () => {
  const stage = await Stage.open();
  for (let i = 0; i < 15; i++) stage.peer.send(frames.ping);
  await stage.pass();
  assert.equal(stage.taken().length, 10);
  assert.equal(stage.session.stats.unansweredPings, 5);
  await stage.pass(990);
  stage.peer.send(frames.ping);
  await stage.pass(5);
  assert.equal(stage.taken().length, 0);
  await stage.pass(1010);
  stage.peer.send(frames.ping, frames.ping);
  await stage.pass();
  assert.equal(stage.taken().length, 2);
  await stage.pass(100_000 / 10);
  for (let i = 0; i < 15; i++) stage.peer.send(frames.ping);
  await stage.pass();
  assert.equal(stage.taken().length, 10);
});

test("a peer that answers PONG with PING does not loop for long", async () => {
  const stage = await Stage.open({ settings: { keepAliveIntervalMs: 1_000_000 } });
  stage.peer.onFrame = (frame) => frame.type === "ping_pong" && stage.peer.send(frames.ping);
  watch(stage.session.ping());
  await stage.pass(5000);
  assert.ok(stage.peer.of("ping_pong").length <= 12);
});

test("Ping resolves to the round-trip time, first in first out", async () => {
  const stage = await Stage.open();
  const first = watch(stage.session.ping());
  await stage.pass(10);
  const second = watch(stage.session.ping());
  await stage.pass(4);
  stage.peer.send(frames.pong);
  await stage.pass(1);
  assert.deepEqual([first.value, second.state], [15, "pending"]);
  await stage.pass(9);
  stage.peer.send(frames.pong);
  await stage.pass(1);
  assert.equal(second.value, 15);
});

test("the PONG of a heartbeat is not taken for that of a later Ping", async () => {
  const stage = await Stage.open();
  stage.session.probe();
  const call = watch(stage.session.ping());
  stage.peer.send(frames.pong);
  await stage.pass();
  assert.equal(call.state, "pending");
  stage.peer.send(frames.pong);
  await stage.pass();
  assert.equal(call.state, "resolved");
});

test("a PONG that nobody waits for is ignored", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.pong, frames.pong);
  await stage.pass();
  const call = watch(stage.session.ping());
  await stage.pass();
  assert.equal(call.state, "pending");
});

test("a Ping that is not answered in time rejects, and its late PONG answers no other", async () => {
  const stage = await Stage.open({ settings: { ackTimeoutMs: 1000 } });
  const lost = watch(stage.session.ping());
  await stage.pass(1000);
  assert.equal(lost.error?.code, "ACK_TIMEOUT");
  const next = watch(stage.session.ping());
  stage.peer.send(frames.pong);
  await stage.pass();
  assert.equal(next.state, "pending");
  stage.peer.send(frames.pong);
  await stage.pass();
  assert.equal(next.state, "resolved");
});

test("Ping without a connection rejects at once", async () => {
  const stage = new Stage({ reconnects: true });
  await assert.rejects(stage.session.ping(), { code: "CONNECTION_LOST" });
});

test("at most 1024 pings wait for their answer", async () => {
  const stage = await Stage.open();
  for (let i = 0; i < 1024; i++) watch(stage.session.ping());
  await assert.rejects(stage.session.ping(), { code: "TOO_MANY_PINGS" });
});

test("a Ping that a jump of the clock made too old has timed out, also if the session ends in that moment", async () => {
  let nowMs = 0;
  const timers = new Timers({ now: () => nowMs, wakeAt() {} });
  const pings = new Pings(timers, 1000);
  const call = pings.call();
  nowMs = 300_000;
  pings.beat();
  pings.fail(new Error("the session has ended"));
  timers.clear();
  await assert.rejects(call, AckTimeoutError);
});
