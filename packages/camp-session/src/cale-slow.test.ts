import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, readCaleCounter } from "cryo-protocol";
import { CalePair, CaleStage } from "./cale-stage.test.js";
import { type SlowCipher, slowCrypto, testCrypto } from "./node-cale.test.js";
import { cryoFrames, watch } from "./testing/index.js";

// Where the platform's cryptography takes waiting, as WebCrypto's does: rules 25.

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the cryptography finish what it was given; simulated time stands still meanwhile. */
async function turns(count = 60): Promise<void> {
  for (let index = 0; index < count; index++) await turn();
}

/** Lets time pass in small steps, and the cryptography work between them. */
async function live(stage: { time: CalePair["time"] }, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed++) {
    await stage.time.advance(1);
    await turns(20);
  }
}

const slow = (made: SlowCipher[] = []) => ({ cale: { crypto: slowCrypto(made) } });

test("two slow ends become secure and keep the order of messages and counters", async () => {
  const made: SlowCipher[] = [];
  const cale = { crypto: slowCrypto(made), nonceOrder: "strict" as const };
  const pair = new CalePair({ cale }, { cale }).connect();
  await live(pair, 20);
  assert.ok(pair.client.session.secure && pair.server.session.secure);
  const sent = Array.from({ length: 200 }, (_, index) => watch(pair.client.session.send("utf8", `${index}`)));
  await live(pair, 60);
  assert.ok(sent.every(({ value }) => value === true));
  assert.deepEqual(
    pair.server.messages.map(({ payload }) => payload),
    sent.map((_, index) => `${index}`),
  );
  const counters = pair.near.sent.slice(2).map((record) => readCaleCounter(record)!);
  assert.ok(counters.every((counter, index) => index === 0 || counter > counters[index - 1]!));
  assert.ok(made.every(({ inFlightMax }) => inFlightMax <= 64));
  assert.ok(made.some(({ inFlightMax }) => inFlightMax > 4));
});

for (const role of ["client", "server"] as const) {
  test(`a slow ${role} talks to a quick peer`, async () => {
    const pair = new CalePair(role === "client" ? slow() : {}, role === "server" ? slow() : {});
    const early = watch(pair.client.session.send("utf8", "early"));
    pair.connect();
    await live(pair, 30);
    assert.equal(early.value, true);
    assert.deepEqual(pair.server.session.channelBinding, pair.client.session.channelBinding);
  });
}

test("what waits to be sealed counts as buffered, and the ack clock starts when it has left", async () => {
  const pair = new CalePair(slow()).connect();
  await live(pair, 20);
  const before = pair.client.session.aliveMarks.flushedBytes;
  void pair.client.session.send("binary", new Uint8Array(1000));
  assert.equal(pair.client.session.aliveMarks.bufferedBytes, 1000 + 21 + 28);
  assert.equal(pair.client.session.aliveMarks.flushedBytes, before);
  await live(pair, 10);
  assert.deepEqual(
    [pair.client.session.aliveMarks.bufferedBytes, pair.client.session.aliveMarks.flushedBytes],
    [0, before + 1049],
  );
});

test("while too much waits to be sealed messages are queued", async () => {
  const backpressure = {
    ...{ highWaterMark: 4000, lowWaterMark: 1000, maxQueuedBytes: 100_000, maxQueueCount: 100 },
    dropPolicy: "drop-newest" as const,
  };
  const pair = new CalePair({ ...slow(), settings: { backpressure } }).connect();
  await live(pair, 20);
  const sent = Array.from({ length: 20 }, () => watch(pair.client.session.send("binary", new Uint8Array(1000))));
  assert.ok(pair.client.session.stats.queuedFrames > 10);
  await live(pair, 60);
  assert.ok(sent.every(({ value }) => value === true));
});

test("a graceful close waits for what is being sealed", async () => {
  const pair = new CalePair(slow()).connect();
  await live(pair, 20);
  void pair.client.session.send("error", "last words");
  const closed = watch(pair.client.session.close("done"));
  await live(pair, 20);
  assert.equal(closed.state, "resolved");
  assert.deepEqual(pair.server.messages, [{ kind: "error", payload: "last words" }]);
  assert.equal(pair.server.log.at(-1), "closed 4000 done");
});

test("what was being opened when the connection went is delivered before closed", async () => {
  const stage = await slowStage();
  for (let index = 1; index <= 5; index++) stage.session.received(stage.record(cryoFrames.utf8(index, `${index}`)));
  stage.session.closed(1006, "");
  assert.deepEqual(stage.end.messages, []);
  await turns();
  assert.deepEqual(
    stage.end.messages.map(({ payload }) => payload),
    ["1", "2", "3", "4", "5"],
  );
  assert.equal(stage.log.at(-1), "closed 1006 ");
});

/** A slow server that is secure. */
async function slowStage(): Promise<CaleStage> {
  const stage = new CaleStage("server", slow());
  await live(stage, 2);
  const hello = stage.peer.taken()[0]!;
  assert.ok(hello.type === "server_hello");
  stage.cipher = stage.pair.derive(hello.payload, "client");
  stage.peer.send(cryoFrames.clientHello(0, stage.pair.publicKey));
  await live(stage, 4);
  stage.peer.send(cryoFrames.done(0));
  await live(stage, 4);
  assert.ok(stage.session.secure);
  return stage;
}

test("a bad record among many ends the session: what came before it is delivered, what came after is not", async () => {
  for (const bad of ["forged", "plain", "replayed"] as const) {
    const stage = await slowStage();
    const first = stage.record(cryoFrames.utf8(1, "1"));
    const second = stage.record(cryoFrames.utf8(2, "2"));
    const forged = stage.record(cryoFrames.utf8(3, "3"));
    forged[40]! ^= 1;
    const plain = encode(cryoFrames.utf8(3, "3, much longer than any record is at least"));
    stage.peer.sendBytes(first, second, { forged, plain, replayed: first }[bad], stage.record(cryoFrames.utf8(4, "4")));
    await live(stage, 5);
    assert.deepEqual(
      stage.end.messages.map(({ payload }) => payload),
      ["1", "2"],
      bad,
    );
    assert.equal(stage.peer.closedWith?.code, 4011);
  }
});

test("a client that says HANDSHAKE_DONE and more while the server still works is served in order", async () => {
  const stage = new CaleStage("server", slow());
  await live(stage, 2);
  const hello = stage.peer.taken()[0]!;
  assert.ok(hello.type === "server_hello");
  stage.cipher = stage.pair.derive(hello.payload, "client");
  stage.peer.send(cryoFrames.clientHello(0, stage.pair.publicKey), cryoFrames.done(0));
  stage.sendSealed(cryoFrames.utf8(1, "at once"));
  await live(stage, 6);
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "at once" }]);
});

test("a key off the curve, found out late, ends the session with 4011", async () => {
  const stage = new CaleStage("server", slow());
  await live(stage, 2);
  stage.peer.send(cryoFrames.clientHello(0, new Uint8Array(65).fill(4)));
  await live(stage, 5);
  assert.equal(stage.peer.closedWith?.code, 4011);
  assert.equal(stage.log.at(-1), "closed 4011 CALE failed");
});

test("a session that ends while the platform works at the handshake says nothing afterwards", async () => {
  for (const end of ["destroy", "closed", "close"] as const) {
    const stage = new CaleStage("server", slow());
    if (end === "destroy") stage.session.destroy();
    else if (end === "closed") stage.session.closed(1006, "");
    else void stage.session.close("done");
    await live(stage, 10);
    assert.deepEqual(stage.near.sent, []);
    assert.equal(stage.end.closes, 1);
    assert.ok(!stage.time.busy);
  }
});

test("a flood while the platform works at the handshake stops reading, or ends the session where that cannot be", async () => {
  let goOn = (): void => {};
  const never = { ...testCrypto, createKeyPair: () => new Promise<never>((resolve) => (goOn = resolve as () => void)) };
  for (const pausable of [true, false]) {
    const stage = new CaleStage("server", { cale: { crypto: never }, network: { pausable, windowBytes: 1 << 30 } });
    let paused = 0;
    const { pause } = stage.near;
    stage.near.pause = () => {
      paused++;
      return pause.call(stage.near);
    };
    for (let index = 0; index < 2000; index++) stage.session.received(encode(cryoFrames.utf8(index, "x")));
    await stage.pass();
    assert.equal(paused, 1);
    if (pausable) assert.equal(stage.session.state, "handshaking");
    else assert.match(stage.log.at(-1)!, /^closed 4002/);
    assert.deepEqual(stage.near.sent, []);
  }
  goOn();
});

test("records sealed for a lost connection never reach the next", async () => {
  const pair = new CalePair({ ...slow(), reconnects: true }).connect();
  await live(pair, 20);
  const sent = Array.from({ length: 40 }, (_, index) => watch(pair.client.session.send("utf8", `${index}`)));
  pair.near.cut(true, true);
  await pair.time.advance(2);
  pair.connect(true);
  await live(pair, 40);
  assert.ok(sent.every(({ value }) => value === true));
  assert.equal(pair.server.messages.length, 40);
  const [hello, done, ...rest] = pair.near.sent;
  assert.deepEqual([decode(hello!).type, decode(done!).type], ["client_hello", "handshake_done"]);
  assert.ok(rest.every((record) => readCaleCounter(record) !== undefined));
});

test("a platform that cannot seal any more ends the session with 4011", async () => {
  const crypto = slowCrypto();
  const failing = {
    ...crypto,
    createKeyPair: async () => {
      const pair = await crypto.createKeyPair();
      return {
        publicKey: pair.publicKey,
        derive: async (peer: Uint8Array, role: "client" | "server") => {
          const cipher = (await pair.derive(peer, role)) as SlowCipher;
          cipher.seal = () => Promise.reject(new Error("out of order"));
          return cipher;
        },
      };
    },
  };
  const pair = new CalePair({ cale: { crypto: failing } }).connect();
  await live(pair, 20);
  void pair.client.session.send("utf8", "x");
  await live(pair, 5);
  assert.equal(pair.client.log.at(-1), "closed 4011 CALE failed");
});
