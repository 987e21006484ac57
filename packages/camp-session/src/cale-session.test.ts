import assert from "node:assert/strict";
import { test } from "node:test";
import { caleBindingInput, decode, readCaleCounter } from "cryo-protocol";
import { CalePair, CaleStage, holds } from "./cale-stage.test.js";
import { sha256, testCrypto } from "./node-cale.test.js";
import { cryoFrames, watch } from "./testing/index.js";

// Encrypted sessions: cryo-v1.md sections 3 and 4, rules 25.

const ends = ["client", "server"] as const;

test("two ends of ours become secure and tell connected, then secure", async () => {
  const pair = new CalePair().connect();
  assert.deepEqual([pair.client.session.state, pair.client.session.secure], ["handshaking", false]);
  await pair.time.advance(20);
  for (const { session, log } of [pair.client, pair.server]) {
    assert.deepEqual([session.state, session.secure], ["open", true]);
    assert.deepEqual(log, ["connected", "secure"]);
  }
});

test("the handshake is SERVER_HELLO, CLIENT_HELLO, HANDSHAKE_DONE twice under the number of the CLIENT_HELLO", async () => {
  const pair = new CalePair().connect();
  await pair.time.advance(20);
  const server = pair.far.sent.map((bytes) => decode(bytes));
  const client = pair.near.sent.map((bytes) => decode(bytes));
  assert.deepEqual([server[0]!.type, server[0]!.ack], ["server_hello", 0]);
  assert.deepEqual([client[0]!.type, client[0]!.ack], ["client_hello", 0]);
  assert.deepEqual([server[1], client[1]], [cryoFrames.done(0), cryoFrames.done(0)]);
  assert.deepEqual([server.length, client.length], [2, 2]);
});

test("what is sent before secure waits on both ends and goes out encrypted, in order", async () => {
  const pair = new CalePair();
  const outcomes = [watch(pair.client.session.send("utf8", "early secret"))];
  pair.connect();
  outcomes.push(watch(pair.server.session.send("utf8", "early secret too")));
  outcomes.push(watch(pair.client.session.send("binary", Uint8Array.of(1))));
  await pair.time.advance(30);
  assert.ok(outcomes.every(({ value }) => value === true));
  assert.deepEqual(pair.server.messages, [
    { kind: "utf8", payload: "early secret" },
    { kind: "binary", payload: Uint8Array.of(1) },
  ]);
  assert.deepEqual(pair.client.messages, [{ kind: "utf8", payload: "early secret too" }]);
  assert.ok(!holds([...pair.near.sent, ...pair.far.sent], "secret"));
});

test("before secure nothing but the handshake leaves, not even a probe or what a hook let go", async () => {
  for (const role of ends) {
    const stage = new CaleStage(role, { settings: { keepAliveIntervalMs: 100, handshakeTimeoutMs: 60_000 } });
    stage.session.probe();
    void stage.session.send("utf8", "x");
    void stage.session.send("error", "x");
    await stage.pass(1000);
    const types = stage.peer.taken().map(({ type }) => type);
    assert.deepEqual(types, role === "server" ? ["server_hello"] : []);
    assert.deepEqual(stage.log, []);
  }
});

test("once secure every frame is a record with a counter from 0 on, numbers go on behind the hello", async () => {
  for (const role of ends) {
    const stage = await CaleStage.secure(role);
    void stage.session.send("utf8", "hello");
    void stage.session.ping();
    stage.sendSealed(cryoFrames.utf8(1, "back"));
    await stage.pass();
    const records = stage.peer.takenBytes();
    const counters = records.map((record) => readCaleCounter(record)!);
    assert.ok(counters.every((counter, index) => counter >= index && counter <= index + 32));
    assert.deepEqual(
      records.map((record) => decode(stage.cipher.open(record))),
      [cryoFrames.utf8(1, "hello"), cryoFrames.ping(2), cryoFrames.ack(1)],
    );
    assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "back" }]);
  }
});

test("the peer's hello may carry any number: HANDSHAKE_DONE echoes that of the CLIENT_HELLO", async () => {
  const stage = new CaleStage("server");
  await stage.shakeHands(4711);
  assert.equal(stage.session.secure, true);
});

test("beats start at secure, and pings are records too", async () => {
  const stage = new CaleStage("server", { settings: { keepAliveIntervalMs: 1000, handshakeTimeoutMs: 60_000 } });
  await stage.pass(5000);
  assert.deepEqual(stage.log, []);
  await stage.shakeHands();
  await stage.pass(1001);
  assert.deepEqual(stage.opened(), [cryoFrames.ping(1)]);
});

test("both ends have the same channel binding, made of both keys", async () => {
  const pair = new CalePair().connect();
  await pair.time.advance(20);
  const { channelBinding } = pair.client.session;
  assert.equal(channelBinding?.length, 32);
  assert.deepEqual(pair.server.session.channelBinding, channelBinding);
  const keyOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(21);
  assert.deepEqual(channelBinding, sha256(caleBindingInput(keyOf(pair.far.sent[0]!), keyOf(pair.near.sent[0]!))));
  channelBinding.fill(0);
  assert.notDeepEqual(pair.client.session.channelBinding, channelBinding);
});

test("a man in the middle is not noticed by CALE, but by the channel binding", async () => {
  const [toServer, toClient] = await Promise.all([CaleStage.secure("server"), CaleStage.secure("client")]);
  assert.ok(toServer.session.secure && toClient.session.secure);
  assert.notDeepEqual(toServer.session.channelBinding, toClient.session.channelBinding);
});

test("a message of exactly 1 MiB passes in both directions", async () => {
  const pair = new CalePair().connect();
  const text = "x".repeat(1 << 20);
  const outcomes = [pair.client, pair.server].map(({ session }) => watch(session.send("utf8", text)));
  await pair.time.advance(200);
  assert.ok(outcomes.every(({ value }) => value === true));
  assert.equal(pair.server.messages[0]!.payload.length, text.length);
});

test("after a reconnect CALE is set up anew with fresh keys before anything queued is sent", async () => {
  const stage = await CaleStage.secure("client", { reconnects: true });
  const sent = watch(stage.session.send("utf8", "secret"));
  const binding = stage.session.channelBinding;
  await stage.pass();
  stage.near.cut(true, true);
  await stage.pass();
  assert.deepEqual([stage.session.secure, stage.session.channelBinding], [false, null]);
  void stage.session.send("utf8", "queued");
  const { publicKey } = stage.pair;
  stage.connect();
  await stage.pass(100);
  assert.deepEqual(stage.peer.takenBytes(), []);
  await stage.shakeHands();
  assert.notDeepEqual(stage.pair.publicKey, publicKey);
  assert.notDeepEqual(stage.session.channelBinding, binding);
  const [, ...records] = stage.peer.messages.slice(1);
  assert.deepEqual(
    records.map((record) => decode(stage.cipher.open(record))),
    [cryoFrames.utf8(1, "secret"), cryoFrames.utf8(2, "queued")],
  );
  assert.ok(!holds(stage.near.sent, "secret"));
  stage.sendSealed(cryoFrames.ack(1));
  await stage.pass();
  assert.equal(sent.value, true);
  assert.deepEqual(stage.log, ["connected", "secure", "disconnected 1006 ", "reconnected", "drain", "secure"]);
});

test("a hello of ours differs on every connection", async () => {
  const keys = new Set<string>();
  for (let index = 0; index < 5; index++) {
    const stage = new CaleStage("server");
    await stage.pass();
    keys.add(Buffer.from(stage.peer.messages[0]!).toString("hex"));
  }
  assert.equal(keys.size, 5);
});

test("a record of an earlier connection is worth nothing on the next", async () => {
  const stage = await CaleStage.secure("client", { reconnects: true });
  const old = stage.record(cryoFrames.utf8(1, "replayed"));
  stage.near.cut(true, true);
  await stage.pass();
  stage.connect();
  await stage.shakeHands();
  stage.peer.sendBytes(old);
  await stage.pass();
  assert.deepEqual(stage.end.messages, []);
  assert.match(stage.log.at(-1)!, /^closed 4011/);
});

test("Close during the handshake lets it end and what was sent be acknowledged", async () => {
  const pair = new CalePair();
  const sent = watch(pair.client.session.send("utf8", "last words"));
  pair.connect();
  const closed = watch(pair.client.session.close("done"));
  await pair.time.advance(50);
  assert.deepEqual([sent.value, closed.state], [true, "resolved"]);
  assert.deepEqual(pair.server.messages, [{ kind: "utf8", payload: "last words" }]);
  assert.equal(pair.server.log.at(-1), "closed 4000 done");
});

test("an ERROR of the protocol is a record as well", async () => {
  const stage = await CaleStage.secure("server");
  const unknown = stage.record(new Uint8Array([...Buffer.from("0123456789ab4cde8f0123456789abcd0000000163", "hex")]));
  stage.peer.sendBytes(unknown);
  await stage.pass();
  assert.deepEqual(stage.opened(), [cryoFrames.error(1, "frame type 99 is unknown")]);
  assert.equal(stage.session.state, "open");
});

test("positions in the stream of bytes stay exact: the ack clock starts when the last record has left", async () => {
  const pair = new CalePair({ settings: { ackTimeoutMs: 500, keepAliveIntervalMs: 100_000 } }).connect();
  await pair.time.advance(20);
  pair.conditions.bytesPerMs = 1000;
  const sent = Array.from({ length: 10 }, () => watch(pair.client.session.send("binary", new Uint8Array(100_000))));
  await pair.time.advance(3000);
  assert.ok(sent.every(({ value }) => value === true));
  const { flushedBytes, bufferedBytes } = pair.client.session.aliveMarks;
  const wire = pair.near.sent.reduce((sum, bytes) => sum + bytes.byteLength, 0);
  assert.deepEqual([flushedBytes, bufferedBytes], [wire, 0]);
});

test("strict nonce order is kept by senders of ours", async () => {
  const cale = { crypto: testCrypto, nonceOrder: "strict" as const };
  const pair = new CalePair({ cale }, { cale }).connect();
  const sent = Array.from({ length: 400 }, (_, index) => watch(pair.client.session.send("utf8", `${index}`)));
  await pair.time.advance(100);
  assert.ok(sent.every(({ value }) => value === true));
  assert.equal(pair.server.messages.length, 400);
});
