import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "cryo-protocol";
import {
  CryoEnd,
  CryoStage,
  calmNetwork,
  cryoFrames,
  cryoSid,
  SimulatedEnd,
  VirtualTime,
  watch,
} from "./testing/index.js";

// Cryo v1 in the clear: cryo-v1.md section 2, rules 13, 16, 25.

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("without CALE a session is open as soon as it is attached, and nothing is said", async () => {
  const stage = new CryoStage();
  assert.equal(stage.session.state, "open");
  assert.deepEqual(stage.log, []); // whoever attached the connection listens first
  await stage.pass();
  assert.deepEqual(stage.log, ["connected"]);
  assert.deepEqual(stage.peer.taken(), []);
  assert.equal(stage.session.secure, false);
  assert.equal(stage.session.channelBinding, null);
});

test("the id is told in lower case and matched whatever its case was", async () => {
  const stage = new CryoStage({ id: cryoSid.toUpperCase() });
  assert.equal(stage.session.id, cryoSid);
  stage.peer.send(cryoFrames.utf8(0, "x"));
  await stage.pass();
  assert.equal(stage.end.messages.length, 1);
});

test("an id that is no UUID is a RangeError", () => {
  assert.throws(() => new CryoStage({ id: "42" }), RangeError);
});

test("messages and pings share numbers from 0 on, and acknowledgements settle them", async () => {
  const stage = new CryoStage();
  const text = watch(stage.session.send("utf8", "a"));
  const ping = watch(stage.session.ping());
  const bytes = watch(stage.session.send("binary", Uint8Array.of(1)));
  await stage.pass();
  assert.deepEqual(stage.peer.taken(), [
    cryoFrames.utf8(0, "a"),
    cryoFrames.ping(1),
    cryoFrames.binary(2, Uint8Array.of(1)),
  ]);
  stage.peer.send(cryoFrames.ack(2), cryoFrames.pong(1), cryoFrames.ack(0));
  await stage.pass();
  assert.deepEqual([text.value, bytes.value, typeof ping.value], [true, true, "number"]);
  assert.equal(stage.session.stats.unackedFrames, 0);
});

test("messages that arrive are acknowledged under their own numbers", async () => {
  const stage = new CryoStage();
  stage.peer.send(cryoFrames.utf8(4_294_967_295, "a"), cryoFrames.binary(7, Uint8Array.of(2)));
  await stage.pass();
  assert.deepEqual(stage.peer.taken(), [cryoFrames.ack(4_294_967_295), cryoFrames.ack(7)]);
  assert.deepEqual(stage.end.messages, [
    { kind: "utf8", payload: "a" },
    { kind: "binary", payload: Uint8Array.of(2) },
  ]);
});

test("an ERROR takes a number and is not awaited", async () => {
  const stage = new CryoStage();
  const error = watch(stage.session.send("error", "invalid_operation"));
  const text = watch(stage.session.send("utf8", "a"));
  await stage.pass();
  assert.equal(error.value, true);
  assert.equal(text.state, "pending");
  assert.deepEqual(stage.peer.taken(), [cryoFrames.error(0, "invalid_operation"), cryoFrames.utf8(1, "a")]);
  assert.equal(stage.session.stats.unackedFrames, 1);
  await stage.pass(20_000);
  assert.equal(stage.session.stats.ackTimeouts, 1);
});

test("an ERROR that has hooks to pass resolves when it was handed over as well", async () => {
  const hooks = { sending: () => [{ extension: "x", run: () => true }], receiving: () => [] };
  const stage = new CryoStage({ hooks });
  const error = watch(stage.session.send("error", "session_expired"));
  await stage.pass();
  assert.equal(error.value, true);
});

test("an ERROR that arrives is told and not acknowledged", async () => {
  const stage = new CryoStage();
  stage.peer.send(cryoFrames.error(3, "unknown_error"));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "error", payload: "unknown_error" }]);
  assert.deepEqual(stage.peer.taken(), []);
});

test("texts that were cut inside a character arrive with U+FFFD and are counted", async () => {
  const stage = new CryoStage();
  stage.peer.sendBytes(encode(cryoFrames.utf8(0, "hé")).slice(0, -1), encode(cryoFrames.error(1, "é")).slice(0, -1));
  await stage.pass();
  assert.deepEqual(
    stage.end.messages.map(({ payload }) => payload),
    ["h\ufffd", "\ufffd"],
  );
  assert.equal(stage.session.stats.replacedTexts, 2);
});

test("a ping is answered by a pong of its number", async () => {
  const stage = new CryoStage();
  stage.peer.send(cryoFrames.ping(5), cryoFrames.ping(6));
  await stage.pass();
  assert.deepEqual(stage.peer.taken(), [cryoFrames.pong(5), cryoFrames.pong(6)]);
});

test("a client that answers each pong with a ping of the same number does not make a loop", async () => {
  const stage = new CryoStage({ role: "server", settings: { keepAliveIntervalMs: 1_000_000 } });
  stage.peer.onMessage = (bytes) => {
    const frame = decode(bytes);
    if (frame.type === "ping_pong" && frame.payload === "pong") stage.peer.send(cryoFrames.ping(frame.ack));
  };
  stage.peer.send(cryoFrames.ping(0));
  await stage.pass(60_000);
  assert.deepEqual(stage.peer.taken(), [cryoFrames.pong(0)]);
  assert.equal(stage.session.stats.unansweredPings, 1);
});

test("a client that answers each pong with a ping of a new number is soon left unanswered", async () => {
  const stage = new CryoStage({ role: "server", settings: { keepAliveIntervalMs: 1_000_000 } });
  let number = 0;
  stage.peer.onMessage = (bytes) => {
    const frame = decode(bytes);
    if (frame.type === "ping_pong" && frame.payload === "pong") stage.peer.send(cryoFrames.ping(++number));
  };
  stage.peer.send(cryoFrames.ping(0));
  await stage.pass(60_000);
  assert.ok(stage.peer.messages.length <= 11, `${stage.peer.messages.length} pongs`);
});

test("a pong is never answered, and one of an unknown number is counted", async () => {
  const stage = new CryoStage();
  stage.peer.send(cryoFrames.pong(77));
  await stage.pass();
  assert.deepEqual(stage.peer.taken(), []);
  assert.equal(stage.session.stats.strayAcks, 1);
});

test("a server pings at every beat, and a pong keeps the session alive", async () => {
  const stage = new CryoStage({ role: "server", settings: { keepAliveIntervalMs: 1000 } });
  stage.peer.onMessage = (bytes) => stage.peer.send(cryoFrames.pong(decode(bytes).ack));
  await stage.pass(3500);
  assert.deepEqual(stage.peer.taken(), [cryoFrames.ping(0), cryoFrames.ping(1), cryoFrames.ping(2)]);
  assert.equal(stage.session.state, "open");
  assert.equal(stage.session.stats.unackedFrames, 0);
});

test("a peer that answers nothing is dead after the second beat", async () => {
  const stage = new CryoStage({ role: "server", settings: { keepAliveIntervalMs: 1000 } });
  await stage.pass(2001);
  assert.match(stage.log.at(-1)!, /^closed 4001/);
});

for (const [name, bytes] of Object.entries({
  "a foreign sid": encode({ ...cryoFrames.utf8(0, "x"), sid: "ffffffff-89ab-4cde-8f01-23456789abcd" }),
  "an ACK with a payload": Uint8Array.of(...encode(cryoFrames.ack(0)), 1),
  "a PING_PONG with other bytes": encode(cryoFrames.ping(0)).fill(0x61, 21),
  "a frame that is too short": encode(cryoFrames.ack(0)).slice(0, 20),
})) {
  test(`${name} is answered by ERROR, then 4001`, async () => {
    const stage = new CryoStage();
    stage.peer.sendBytes(bytes);
    stage.peer.send(cryoFrames.utf8(1, "ignored"));
    await stage.pass();
    assert.deepEqual(
      stage.peer.taken().map(({ type }) => type),
      ["error"],
    );
    assert.equal(stage.peer.closedWith?.code, 4001);
    assert.deepEqual(stage.end.messages, []);
  });
}

test("a text message closes with 4001", async () => {
  const stage = new CryoStage();
  stage.session.receivedText();
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4001);
});

test("unknown types are answered by ERROR, the 17th within a minute closes with 4001", async () => {
  const stage = new CryoStage();
  const unknown = encode(cryoFrames.ack(0)).fill(99, 20);
  for (let i = 0; i < 16; i++) stage.peer.sendBytes(unknown);
  await stage.pass();
  assert.equal(stage.peer.messages.length, 16);
  assert.equal(stage.session.state, "open");
  stage.peer.sendBytes(unknown);
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4001);
});

for (const [name, frame] of Object.entries({
  SERVER_HELLO: cryoFrames.serverHello(0, new Uint8Array(65)),
  CLIENT_HELLO: cryoFrames.clientHello(0, new Uint8Array(65)),
  HANDSHAKE_DONE: cryoFrames.done(0),
})) {
  test(`${name} on a session without CALE closes with 4010 and says why`, async () => {
    const stage = new CryoStage({ reconnects: true });
    stage.peer.send(frame);
    await stage.pass();
    assert.equal(stage.peer.closedWith?.code, 4010);
    assert.match(stage.log.at(-1)!, /^closed 4010 .*use_cale/);
  });
}

test("a payload over 1 MiB is refused at the call", async () => {
  const stage = new CryoStage();
  for (const attempt of [
    stage.session.send("binary", new Uint8Array((1 << 20) + 1)),
    stage.session.send("utf8", "x".repeat((1 << 20) + 1)),
  ]) {
    await assert.rejects(attempt, { code: "PAYLOAD_TOO_LARGE" });
  }
});

test("Close lets what was sent be acknowledged and then closes with 4000, without a word", async () => {
  const stage = new CryoStage();
  const sent = watch(stage.session.send("utf8", "last words"));
  const closed = watch(stage.session.close("done"));
  await stage.pass();
  assert.deepEqual(stage.peer.taken(), [cryoFrames.utf8(0, "last words")]);
  assert.equal(stage.peer.closedWith, null);
  stage.peer.send(cryoFrames.ack(0));
  await stage.pass();
  assert.deepEqual([sent.value, closed.state], [true, "resolved"]);
  assert.deepEqual(stage.peer.closedWith, { code: 4000, reason: "done" });
  assert.deepEqual(stage.log, ["connected", "closed 4000 done"]);
});

test("after a reconnect unacknowledged messages go first, from number 0 on", async () => {
  const stage = new CryoStage({ reconnects: true });
  const sent = ["a", "b"].map((text) => watch(stage.session.send("utf8", text)));
  await stage.pass();
  stage.peer.send(cryoFrames.ack(0));
  await stage.pass();
  stage.near.cut(true, true);
  await stage.pass();
  sent.push(watch(stage.session.send("utf8", "c")));
  stage.connect();
  await stage.pass();
  assert.deepEqual(stage.peer.taken(), [cryoFrames.utf8(0, "b"), cryoFrames.utf8(1, "c")]);
  assert.deepEqual(stage.log, ["connected", "disconnected 1006 ", "reconnected", "drain"]);
});

test("two ends of ours exchange messages in order in both directions", async () => {
  const time = new VirtualTime(settle);
  const [near, far] = SimulatedEnd.pair(time, { ...calmNetwork });
  const client = new CryoEnd(time).attach(near);
  const server = new CryoEnd(time, { role: "server" }).attach(far);
  const sent = Array.from({ length: 100 }, (_, index) => [
    watch(client.session.send("utf8", `up ${index}`)),
    watch(server.session.send("binary", Uint8Array.of(index))),
  ]).flat();
  await time.advance(50);
  assert.ok(sent.every(({ value }) => value === true));
  assert.deepEqual(
    server.messages.map(({ payload }) => payload),
    Array.from({ length: 100 }, (_, index) => `up ${index}`),
  );
  assert.equal(client.messages.length, 100);
});
