import assert from "node:assert/strict";
import { test } from "node:test";
import { CalePair, CaleStage } from "./cale-stage.test.js";
import { testCrypto } from "./node-cale.test.js";
import { cryoFrames, type Outcome, watch } from "./testing/index.js";

// Keys are used for so many records and bytes only: cryo-v1.md section 4, rules 25.

const limited = (renewRecords: number, recordsMax = 1000) => ({
  cale: { crypto: testCrypto, limits: { renewRecords, recordsMax } },
});

test("a client exchanges its connection when it has sent so many records, and nothing is lost or sent twice", async () => {
  const pair = new CalePair({ ...limited(50), reconnects: true }, limited(50));
  let connections = 0;
  const received: unknown[] = [];
  const connect = (): void => {
    pair.connect(connections++ > 0);
    pair.server.onMessage = (_kind, payload) => received.push(payload);
  };
  pair.client.onDisconnected = () => pair.time.after(10, connect);
  connect();
  const sent: Outcome<boolean>[] = [];
  for (let index = 0; index < 300; index++) {
    sent.push(watch(pair.client.session.send("utf8", `${index}`)));
    await pair.time.advance(2);
  }
  await pair.time.advance(100);
  assert.ok(connections > 3, `${connections} connections`);
  assert.ok(sent.every(({ value }) => value === true));
  assert.deepEqual(
    received,
    sent.map((_, index) => `${index}`),
  );
  assert.ok(pair.client.log.includes("disconnected 1001 the keys are worn out"));
  assert.ok(!pair.client.log.some((line) => line.startsWith("closed")));
});

test("what is in flight is acknowledged first; what is sent meanwhile waits for the next connection", async () => {
  const stage = await CaleStage.secure("client", { ...limited(3), reconnects: true });
  const sent = ["a", "b", "c", "d"].map((text) => watch(stage.session.send("utf8", text)));
  await stage.pass();
  assert.equal(stage.opened().length, 4);
  assert.equal(stage.session.state, "open");
  assert.equal(stage.session.canSend, false);
  sent.push(watch(stage.session.send("utf8", "late")));
  stage.sendSealed(cryoFrames.utf8(1, "to be acknowledged"));
  await stage.pass();
  assert.deepEqual(stage.opened(), [cryoFrames.ack(1)]);
  stage.sendSealed(cryoFrames.ack(1), cryoFrames.ack(2), cryoFrames.ack(3));
  await stage.pass();
  assert.equal(stage.peer.closedWith, null);
  stage.sendSealed(cryoFrames.ack(4));
  await stage.pass();
  assert.equal(stage.peer.closedWith!.code, 4000);
  assert.deepEqual(
    sent.map(({ state }) => state),
    ["resolved", "resolved", "resolved", "resolved", "pending"],
  );
  assert.match(stage.log.at(-1)!, /^disconnected 1001/);
  stage.connect();
  await stage.shakeHands();
  assert.equal(stage.session.secure, true);
});

test("a message in a hook when the keys wear out is acknowledged before the exchange", async () => {
  let release = (): void => {};
  const slow = [{ extension: "slow", run: () => new Promise<void>((resolve) => (release = resolve)) }];
  const hooks = { sending: () => [], receiving: () => slow };
  const stage = await CaleStage.secure("client", { ...limited(2), reconnects: true, hooks });
  stage.sendSealed(cryoFrames.utf8(1, "slow"), cryoFrames.ping(2), cryoFrames.ping(3));
  await stage.pass(100);
  assert.equal(stage.session.state, "open");
  stage.opened();
  release();
  await stage.pass();
  assert.deepEqual(stage.opened(), [cryoFrames.ack(1)]);
  assert.equal(stage.peer.closedWith?.code, 4000);
});

test("a peer that never acknowledges holds the exchange up no longer than the ack timeout", async () => {
  const settings = { ackTimeoutMs: 400, keepAliveIntervalMs: 100_000 };
  const stage = await CaleStage.secure("client", { ...limited(3), reconnects: true, settings });
  const sent = ["a", "b", "c"].map((text) => watch(stage.session.send("utf8", text)));
  await stage.pass(405);
  assert.match(stage.log.at(-1)!, /^disconnected 1001/);
  assert.ok(sent.every(({ state }) => state !== "resolved"));
});

test("Close while the keys are being exchanged sends what still waited", async () => {
  const stage = await CaleStage.secure("client", { ...limited(2), reconnects: true });
  void stage.session.send("utf8", "a");
  void stage.session.send("utf8", "b");
  await stage.pass();
  stage.opened();
  void stage.session.send("utf8", "late");
  const closed = watch(stage.session.close("done"));
  await stage.pass();
  assert.deepEqual(stage.opened(), [cryoFrames.utf8(3, "late")]);
  stage.sendSealed(cryoFrames.ack(1), cryoFrames.ack(2), cryoFrames.ack(3));
  await stage.pass();
  assert.equal(closed.state, "resolved");
  assert.equal(stage.log.at(-1), "closed 4000 done");
});

test("records received count as well", async () => {
  const stage = await CaleStage.secure("client", { ...limited(3), reconnects: true });
  stage.sendSealed(cryoFrames.pong(1), cryoFrames.pong(1), cryoFrames.pong(1));
  await stage.pass();
  assert.match(stage.log.at(-1)!, /^disconnected 1001/);
});

test("bytes count as well", async () => {
  const cale = { crypto: testCrypto, limits: { renewBytes: 1000 } };
  const stage = await CaleStage.secure("client", { cale, reconnects: true });
  void stage.session.send("error", "x".repeat(1000));
  await stage.pass();
  assert.match(stage.log.at(-1)!, /^disconnected 1001/);
});

test("a server allows twice as many, then closes with 4002", async () => {
  const stage = await CaleStage.secure("server", limited(3, 6));
  for (let index = 1; index < 6; index++) stage.sendSealed(cryoFrames.pong(index));
  await stage.pass();
  assert.equal(stage.session.state, "open");
  stage.sendSealed(cryoFrames.pong(6), cryoFrames.utf8(7, "one too many"));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4002);
  assert.deepEqual(stage.end.messages, []);
});

test("not one record leaves beyond the limit, and no call throws", async () => {
  for (const role of ["client", "server"] as const) {
    const stage = await CaleStage.secure(role, limited(1000, 40));
    const sent = Array.from({ length: 100 }, (_, index) => watch(stage.session.send("utf8", `${index}`)));
    await stage.pass();
    const records = stage.peer.takenBytes();
    assert.ok(records.length <= 40 && records.length > 30);
    assert.ok(records.every((record) => record[11]! < 40 + 32));
    assert.equal(stage.peer.closedWith?.code, 4002);
    assert.ok(sent.every(({ error }) => error?.code === "SESSION_CLOSED"));
  }
});

test("a client that does not reconnect, such as a server's own, goes on up to the limit", async () => {
  const stage = await CaleStage.secure("client", limited(2, 100));
  for (let index = 0; index < 5; index++) void stage.session.send("error", "x");
  await stage.pass(100);
  assert.equal(stage.session.state, "open");
});
