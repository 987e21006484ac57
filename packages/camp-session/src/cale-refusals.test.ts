import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type CryoFrame, encode } from "cryo-protocol";
import { CalePair, CaleStage } from "./cale-stage.test.js";
import type { CaleError } from "./errors.js";
import { TestKeyPair, testCrypto } from "./node-cale.test.js";
import { type CryoStageOptions, cryoFrames, cryoSid, someBytes, watch } from "./testing/index.js";

// What ends an encrypted session: cryo-v1.md section 4, rules 25. Each case is named for what is tried.

const file = new URL("../../cryo-protocol/vectors/cryo-v1.json", import.meta.url);
const { cale } = JSON.parse(readFileSync(file, "utf8")) as {
  cale: { badPublicKeys: readonly { name: string; hex: string }[] };
};

const foreign = "ffffffff-89ab-4cde-8f01-23456789abcd";
const key = (): Uint8Array => new TestKeyPair().publicKey;

/** Nothing was delivered, nothing but `left` handshake frames went out, and the session ended with this code on both ends. */
function assertRefused(stage: CaleStage, code: 4010 | 4011, left?: number): void {
  assert.equal(stage.peer.closedWith?.code, code);
  assert.equal(stage.peer.closedWith.reason, code === 4011 ? "CALE failed" : stage.peer.closedWith.reason);
  assert.equal(stage.log.at(-1), `closed ${code} ${stage.peer.closedWith.reason}`);
  assert.deepEqual(stage.end.messages, []);
  const errors = stage.end.errors.map((error) => (error as CaleError).closeCode);
  assert.deepEqual(errors, stage.role === "client" ? [code] : []);
  if (left !== undefined) assert.equal(stage.near.sent.length, left);
}

/** A hello frame with a key of any length. */
function helloBytes(type: 5 | 6, publicKey: Uint8Array): Uint8Array {
  return Uint8Array.of(...encode(cryoFrames.ack(0)).subarray(0, 20), type, ...publicKey);
}

for (const { name, hex } of [
  ...cale.badPublicKeys,
  { name: "an empty key", hex: "" },
  { name: "66 bytes", hex: `04${"22".repeat(65)}` },
]) {
  for (const role of ["client", "server"] as const) {
    test(`a ${role} refuses the public key "${name}"`, async () => {
      const stage = new CaleStage(role);
      stage.peer.sendBytes(helloBytes(role === "client" ? 5 : 6, Uint8Array.from(Buffer.from(hex, "hex"))));
      await stage.pass();
      assertRefused(stage, 4011, role === "client" ? 0 : 1);
    });
  }
}

test("a server refuses its own key reflected", async () => {
  const stage = new CaleStage("server");
  await stage.pass();
  stage.peer.sendBytes(helloBytes(6, stage.peer.messages[0]!.subarray(21)));
  await stage.pass();
  assertRefused(stage, 4011, 1);
});

test("a client refuses its own key reflected", async () => {
  const pair = new TestKeyPair();
  const crypto = { ...testCrypto, createKeyPair: () => pair };
  const stage = new CaleStage("client", { cale: { crypto } });
  stage.peer.send(cryoFrames.serverHello(0, pair.publicKey));
  await stage.pass();
  assertRefused(stage, 4011, 0);
});

const first: readonly (readonly [string, "client" | "server", 4010 | 4011, CryoFrame | Uint8Array])[] = [
  ["data before any hello to a server", "server", 4010, cryoFrames.utf8(0, "plain")],
  ["a ping before any hello to a server", "server", 4010, cryoFrames.ping(0)],
  ["an ACK before any hello to a server", "server", 4010, cryoFrames.ack(0)],
  ["HANDSHAKE_DONE before any hello to a server", "server", 4010, cryoFrames.done(0)],
  ["the hello of a server to a server", "server", 4010, cryoFrames.serverHello(0, key())],
  ["an unknown type to a server", "server", 4011, encode(cryoFrames.ack(0)).fill(42, 20)],
  ["a frame that is no frame to a server", "server", 4011, someBytes(5)],
  ["a hello under a foreign sid to a server", "server", 4011, { ...cryoFrames.clientHello(0, key()), sid: foreign }],
  ["data before any hello to a client", "client", 4010, cryoFrames.utf8(0, "plain")],
  ["bytes before any hello to a client", "client", 4010, cryoFrames.binary(0, someBytes(3))],
  ["a ping before any hello to a client", "client", 4010, cryoFrames.ping(0)],
  ["HANDSHAKE_DONE before any hello to a client", "client", 4011, cryoFrames.done(0)],
  ["the hello of a client to a client", "client", 4011, cryoFrames.clientHello(0, key())],
  ["a frame that is no frame to a client", "client", 4011, someBytes(30)],
  ["a hello under a foreign sid to a client", "client", 4011, { ...cryoFrames.serverHello(0, key()), sid: foreign }],
];

for (const [name, role, code, message] of first) {
  test(`${name}: ${code}`, async () => {
    const stage = new CaleStage(role, { reconnects: role === "client" });
    stage.peer.sendBytes(message instanceof Uint8Array ? message : encode(message));
    stage.peer.send(cryoFrames.utf8(1, "more"));
    await stage.pass();
    assertRefused(stage, code, role === "client" ? 0 : 1);
  });
}

/** After our HANDSHAKE_DONE (server) or CLIENT_HELLO (client), before secure. */
const half: readonly (readonly [string, CryoFrame])[] = [
  ["a second SERVER_HELLO", cryoFrames.serverHello(1, key())],
  ["a second CLIENT_HELLO", cryoFrames.clientHello(1, key())],
  ["data", cryoFrames.utf8(1, "plain")],
  ["a ping", cryoFrames.ping(1)],
  ["an ACK", cryoFrames.ack(0)],
  ["HANDSHAKE_DONE under another number", cryoFrames.done(9)],
  ["HANDSHAKE_DONE under a foreign sid", { ...cryoFrames.done(0), sid: foreign }],
];

for (const role of ["client", "server"] as const) {
  for (const [name, frame] of half) {
    test(`${name} in the middle of the handshake with a ${role}: 4011`, async () => {
      const stage = new CaleStage(role);
      stage.peer.send(role === "client" ? cryoFrames.serverHello(0, key()) : cryoFrames.clientHello(0, key()));
      await stage.pass();
      stage.peer.send(frame, cryoFrames.utf8(2, "more"));
      await stage.pass();
      assertRefused(stage, 4011, role === "client" ? 1 : 2);
    });
  }
}

/** After secure. Each is given a stage whose next counter is 0. */
const records: Readonly<Record<string, (stage: CaleStage) => Uint8Array>> = {
  "a plain message (downgrade)": () => encode(cryoFrames.utf8(1, "plain")),
  "a plain ping (downgrade)": () => encode(cryoFrames.ping(1)),
  "a plain HANDSHAKE_DONE": () => encode(cryoFrames.done(0)),
  "a hello after secure": (stage) =>
    encode(stage.role === "client" ? cryoFrames.serverHello(1, key()) : cryoFrames.clientHello(1, key())),
  "a hello in a record": (stage) => stage.record(cryoFrames.clientHello(1, key())),
  "HANDSHAKE_DONE in a record": (stage) => stage.record(cryoFrames.done(0)),
  "an empty message": () => new Uint8Array(0),
  "a message of 48 bytes": () => new Uint8Array(48),
  "a record of a frame too short for its header": (stage) => stage.record(new Uint8Array(20)),
  "a record cut by a byte": (stage) => stage.record(cryoFrames.utf8(1, "x")).slice(0, -1),
  "a record with a byte more": (stage) => Uint8Array.of(...stage.record(cryoFrames.utf8(1, "x")), 0),
  "a record with a bit of its text changed": (stage) => flip(stage.record(cryoFrames.utf8(1, "x")), 33),
  "a record with a bit of its tag changed": (stage) => flip(stage.record(cryoFrames.utf8(1, "x")), 49),
  "a record with its counter changed": (stage) => flip(stage.record(cryoFrames.utf8(1, "x")), 11),
  "a record whose iv does not begin with zeros": (stage) => flip(stage.record(cryoFrames.utf8(1, "x")), 0),
  "a record whose iv has its last zero changed": (stage) => flip(stage.record(cryoFrames.utf8(1, "x")), 7),
  "noise of the length of a record": () => someBytes(80),
  "a wrong sid inside a record": (stage) => stage.record({ ...cryoFrames.utf8(1, "x"), sid: foreign }),
  "a record under other keys": () => new TestKeyPair().derive(key(), "server").seal(0, encode(cryoFrames.utf8(1, "x"))),
};

function flip(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at]! ^= 1;
  return bytes;
}

for (const role of ["client", "server"] as const) {
  for (const [name, make] of Object.entries(records)) {
    test(`${name} sent to a ${role} that is secure: 4011`, async () => {
      const stage = await CaleStage.secure(role);
      stage.peer.sendBytes(make(stage), stage.record(cryoFrames.utf8(2, "more")));
      await stage.pass();
      assertRefused(stage, 4011);
    });
  }

  test(`a record of a ${role}'s own sent back to it: 4011`, async () => {
    const stage = await CaleStage.secure(role);
    void stage.session.send("utf8", "mine");
    await stage.pass();
    stage.peer.sendBytes(stage.peer.messages.at(-1)!);
    await stage.pass();
    assertRefused(stage, 4011);
  });

  test(`a text message to a ${role}, before and after secure: 4011`, async () => {
    const early = new CaleStage(role);
    early.session.receivedText();
    await early.pass();
    assertRefused(early, 4011);
    const late = await CaleStage.secure(role);
    late.session.receivedText();
    await late.pass();
    assertRefused(late, 4011);
  });
}

test("a record sent twice is delivered once, then 4011", async () => {
  const stage = await CaleStage.secure("server");
  const record = stage.record(cryoFrames.utf8(1, "once"));
  stage.peer.sendBytes(record, record, stage.record(cryoFrames.utf8(2, "never")));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "once" }]);
  assert.equal(stage.peer.closedWith?.code, 4011);
});

test("records out of order and with gaps are accepted, as deployed senders have them", async () => {
  const stage = await CaleStage.secure("server");
  const counters = [5, 3, 4, 4098, 4096];
  stage.peer.sendBytes(
    ...counters.map((counter, index) => stage.record(cryoFrames.utf8(index + 1, `${counter}`), counter)),
  );
  await stage.pass();
  assert.deepEqual(
    stage.end.messages.map(({ payload }) => payload),
    ["5", "3", "4", "4098", "4096"],
  );
  assert.equal(stage.session.state, "open");
});

test("a replay from deep inside the window: 4011", async () => {
  const stage = await CaleStage.secure("server");
  const old = stage.record(cryoFrames.utf8(1, "old"), 10);
  stage.peer.sendBytes(old, stage.record(cryoFrames.utf8(2, "new"), 10 + 4095), old);
  await stage.pass();
  assert.equal(stage.end.messages.length, 2);
  assert.equal(stage.peer.closedWith?.code, 4011);
});

test("records older than the window are dropped and counted, the 17th closes", async () => {
  const stage = await CaleStage.secure("server");
  stage.peer.sendBytes(stage.record(cryoFrames.utf8(1, "new"), 2 ** 32 - 1));
  for (let counter = 0; counter < 16; counter++) stage.peer.sendBytes(stage.record(cryoFrames.utf8(2, "old"), counter));
  await stage.pass();
  assert.equal(stage.session.state, "open");
  assert.equal(stage.session.stats.oldRecords, 16);
  stage.peer.sendBytes(stage.record(cryoFrames.utf8(2, "old"), 100));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4011);
  assert.equal(stage.end.messages.length, 1);
});

test("with strict nonce order a record out of order, or too far ahead: 4011", async () => {
  const options: CryoStageOptions = { cale: { crypto: testCrypto, nonceOrder: "strict" } };
  for (const [before, after] of [
    [5, 4],
    [5, 38],
  ] as const) {
    const stage = await CaleStage.secure("server", options);
    stage.peer.sendBytes(stage.record(cryoFrames.utf8(1, "a"), before), stage.record(cryoFrames.utf8(2, "b"), after));
    await stage.pass();
    assert.equal(stage.end.messages.length, 1);
    assert.equal(stage.peer.closedWith?.code, 4011);
  }
});

test("a client that hears no SERVER_HELLO within its time: 4010", async () => {
  const stage = new CaleStage("client", { cale: { crypto: testCrypto, handshakeTimeoutMs: 700 } });
  await stage.pass(699);
  assert.equal(stage.session.state, "handshaking");
  await stage.pass(4);
  assertRefused(stage, 4010, 0);
});

test("a server that hears no CLIENT_HELLO within its time: 4011", async () => {
  const stage = new CaleStage("server", { settings: { handshakeTimeoutMs: 900 } });
  await stage.pass(903);
  assertRefused(stage, 4011, 1);
});

test("a handshake that stops half way: 4011 on either end", async () => {
  for (const role of ["client", "server"] as const) {
    const stage = new CaleStage(role, { settings: { handshakeTimeoutMs: 900 } });
    stage.peer.send(role === "client" ? cryoFrames.serverHello(0, key()) : cryoFrames.clientHello(0, key()));
    await stage.pass(904);
    assertRefused(stage, 4011);
  }
});

test("CALE on the client alone, and the server silent: 4010 on both ends", async () => {
  const pair = new CalePair({ reconnects: true }, { cale: null }).connect();
  const sent = watch(pair.client.session.send("utf8", "secret"));
  await pair.time.advance(6000);
  assert.match(pair.client.log.at(-1)!, /^closed 4010 .*use_cale/);
  assert.match(pair.server.log.at(-1)!, /^closed 4010 .*use_cale/);
  assert.equal(sent.error?.code, "SESSION_CLOSED");
  assert.deepEqual(pair.near.sent, []);
});

test("CALE on the client alone, and the server talks: 4010 on both ends, nothing is delivered", async () => {
  const pair = new CalePair({ reconnects: true }, { cale: null }).connect();
  void pair.server.session.send("utf8", "plain");
  await pair.time.advance(100);
  assert.match(pair.client.log.at(-1)!, /^closed 4010/);
  assert.match(pair.server.log.at(-1)!, /^closed 4010/);
  assert.deepEqual(pair.client.messages, []);
});

test("CALE on the server alone: 4010 on both ends, nothing is delivered", async () => {
  const pair = new CalePair({ cale: null, reconnects: true }).connect();
  void pair.client.session.send("utf8", "plain");
  await pair.time.advance(100);
  assert.match(pair.client.log.at(-1)!, /^closed 4010 .*use_cale/);
  assert.match(pair.server.log.at(-1)!, /^closed 4010 .*use_cale/);
  assert.deepEqual(pair.server.messages, []);
});

const tolerant: CryoStageOptions = { cale: { crypto: testCrypto, acceptPlaintextBeforeFirstRecord: true } };

test("where the application allows it, a client takes what a deployed server sent too early, marked", async () => {
  const stage = new CaleStage("client", tolerant);
  stage.peer.send(cryoFrames.utf8(0, "before the hello"));
  await stage.pass();
  await stage.shakeHands(1);
  stage.peer.send(cryoFrames.utf8(2, "before the first record"));
  stage.sendSealed(cryoFrames.utf8(3, "sealed"));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [
    { kind: "utf8", payload: "before the hello", plaintext: true },
    { kind: "utf8", payload: "before the first record", plaintext: true },
    { kind: "utf8", payload: "sealed" },
  ]);
  assert.deepEqual(stage.opened(), [cryoFrames.ack(2), cryoFrames.ack(3)]);
  assert.deepEqual(stage.session.stats.bytesTx > 0, true);
  assert.ok(!stage.near.sent.some((bytes) => bytes[20] === 0), "an ACK in the clear");
});

test("an ACK or PONG in the clear acknowledges nothing, whatever the application allows: anybody could have sent it", async () => {
  const stage = await CaleStage.secure("client", tolerant);
  const settled: string[] = [];
  void stage.session.send("utf8", "hello").then(() => settled.push("message"));
  void stage.session.ping().then(() => settled.push("ping"));
  await stage.pass();
  const [message, ping] = stage.opened().map(({ ack }) => ack) as [number, number];
  stage.peer.send(cryoFrames.ack(message), cryoFrames.pong(ping));
  await stage.pass();
  assert.deepEqual([settled, stage.session.stats.strayAcks], [[], 2]);
  stage.sendSealed(cryoFrames.ack(message), cryoFrames.pong(ping));
  await stage.pass();
  assert.deepEqual([settled, stage.session.stats.strayAcks], [["message", "ping"], 2]);
});

test("after the first record nothing plain is taken any more, whatever the application allows", async () => {
  const stage = await CaleStage.secure("client", tolerant);
  stage.sendSealed(cryoFrames.utf8(1, "sealed"));
  stage.peer.send(cryoFrames.utf8(2, "plain"));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "sealed" }]);
  assert.equal(stage.peer.closedWith?.code, 4011);
});

test("a server takes nothing plain, whatever the application allows", async () => {
  const stage = await CaleStage.secure("server", tolerant);
  stage.peer.send(cryoFrames.utf8(2, "plain"));
  await stage.pass();
  assertRefused(stage, 4011);
});

test("the application's permission does not cover a foreign sid", async () => {
  const stage = new CaleStage("client", tolerant);
  stage.peer.send({ ...cryoFrames.utf8(0, "plain"), sid: foreign });
  await stage.pass();
  assertRefused(stage, 4011, 0);
});

test("reason and events hold nothing of keys, id or text", async () => {
  const stage = await CaleStage.secure("server");
  stage.peer.sendBytes(stage.record({ ...cryoFrames.utf8(1, "secret text"), sid: foreign }));
  await stage.pass();
  const told = JSON.stringify([stage.log, stage.peer.closedWith, stage.end.errors]);
  assert.ok(!/secret|0123|ffff/.test(told));
  assert.ok(!told.includes(cryoSid));
});
