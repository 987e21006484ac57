import assert from "node:assert/strict";
import { test } from "node:test";
import { type CampFrame, encode } from "camp-protocol";
import { frames, Stage, someBytes, watch } from "./testing/index.js";

// What a peer must not send: camp-v1.md section 8, rules 13 and 14.

const sid = [0, 0, 0, 0, 0, 0, 0, 7];

function raw(type: number, ...rest: number[]): Uint8Array {
  return Uint8Array.from([...sid, type, ...rest]);
}

function tampered(frame: CampFrame, change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = encode(frame);
  change(bytes);
  return bytes;
}

/** A frame of type `type` with ack number 1 and `bytes` letters behind it. */
function oversize(type: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(13 + bytes).fill(65);
  frame.set(raw(type, 0, 0, 0, 1));
  return frame;
}

function longer(frame: CampFrame): Uint8Array {
  return Uint8Array.from([...encode(frame), 0]);
}

const max = 1 << 20;
const malformed: Record<string, Uint8Array> = {
  "an empty frame": new Uint8Array(0),
  "a frame shorter than any header": Uint8Array.from([...sid]),
  "a frame shorter than its type's header": raw(250, 0, 0),
  "a foreign sid": encode({ type: "utf8data", sid: 8n, ack: 1, payload: "x" }),
  "invalid UTF-8 in a text": raw(250, 0, 0, 0, 1, 0xff),
  "invalid UTF-8 in a name": tampered(frames.start(1, 0, 1n, 0, "x"), (bytes) => bytes.fill(0xff, 26)),
  "a text over 1 MiB": oversize(250, max + 1),
  "a payload over 1 MiB": oversize(249, max + 1),
  "an ERROR over 1 MiB": oversize(252, max + 1),
  "a name over 1 KiB": Uint8Array.from([...encode(frames.start(1, 0, 1n)), ...new Array<number>(1025).fill(65)]),
  "PING_PONG with other bytes": raw(251, 1, 2, 3, 4),
  "an ACK that is too long": longer(frames.ack(1)),
  "a PING that is too long": longer(frames.ping),
  "a TX_FINISH that is too long": longer(frames.finish(1, 0)),
  "a TX_CANCEL that is too long": longer(frames.cancel(1, 0)),
  "a TX_FETCH that is too long": longer(frames.fetch(1, 0, 0n, 1n)),
  "an ENDPOINT_INFO that is too long": longer(frames.info(1)),
  "a behaviour over 1": tampered(frames.start(1, 0, 1n), (bytes) => bytes.fill(2, 25, 26)),
  "a size below -1": tampered(frames.start(1, 0, -1n), (bytes) => bytes.fill(0xfe, 24, 25)),
  "a pull stream of size -1": tampered(frames.start(1, 0, -1n), (bytes) => bytes.fill(1, 25, 26)),
  "a chunk that ends beyond 2^64-1": encode(frames.chunk(0, (1n << 64n) - 2n, someBytes(1))).fill(0xff, 13, 21),
};

for (const [what, bytes] of Object.entries(malformed)) {
  test(`${what} is answered by ERROR, then 4001`, async () => {
    const stage = await Stage.open();
    stage.peer.sendBytes(bytes);
    stage.peer.send(frames.utf8(2, "ignored"));
    await stage.pass();
    const [error, ...rest] = stage.taken();
    assert.equal(error?.type, "error");
    assert.notEqual(error.payload, "");
    assert.deepEqual(rest, []);
    assert.equal(stage.peer.closedWith?.code, 4001);
    assert.deepEqual(stage.end.messages, []);
    assert.match(stage.log.at(-1)!, /^closed 4001/);
  });
}

test("a text message is answered by ERROR, then 4001", async () => {
  const stage = await Stage.open();
  stage.session.receivedText();
  await stage.pass();
  assert.equal(stage.taken()[0]?.type, "error");
  assert.equal(stage.peer.closedWith?.code, 4001);
});

test("an empty text and empty bytes are legal and stay empty, in both directions", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.utf8(1, ""), frames.binary(2, someBytes(0)));
  void stage.session.send("utf8", "");
  void stage.session.send("binary", someBytes(0));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [
    { kind: "utf8", payload: "" },
    { kind: "binary", payload: someBytes(0) },
  ]);
  assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "")]);
  assert.deepEqual(stage.peer.of("binarydata"), [frames.binary(2, someBytes(0))]);
});

test("payloads of exactly 1 MiB pass in both directions", async () => {
  const stage = await Stage.open();
  const text = "x".repeat(max);
  stage.peer.send(frames.utf8(1, text));
  void stage.session.send("utf8", text);
  await stage.pass(20);
  assert.equal(stage.end.messages[0]!.payload, text);
  assert.equal(stage.peer.of("utf8data")[0]!.payload, text);
});

test("an unknown type is answered by ERROR and ignored, the 17th within a minute closes with 4001", async () => {
  const stage = await Stage.open();
  for (let i = 0; i < 16; i++) stage.peer.sendBytes(raw(100, 1, 2, 3));
  await stage.pass();
  assert.equal(stage.peer.of("error").length, 16);
  assert.equal(stage.peer.of("error")[0]!.payload, "frame type 100 is unknown");
  assert.equal(stage.session.state, "open");
  stage.peer.sendBytes(raw(101));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4001);
});

test("unknown types are counted in any minute, not per clock minute", async () => {
  const stage = await Stage.open();
  stage.acknowledgeAll();
  const send = async (count: number, thenMs: number): Promise<void> => {
    for (let i = 0; i < count; i++) stage.peer.sendBytes(raw(100));
    for (let waited = 0; waited < thenMs; waited += 10_000) {
      stage.peer.send(frames.ping);
      await stage.pass(10_000);
    }
  };
  await send(8, 30_000);
  await send(8, 30_000);
  await send(8, 10_000);
  assert.equal(stage.session.state, "open");
  await send(1, 10_000);
  assert.equal(stage.session.state, "closed");
});

test("an ERROR with invalid UTF-8 is decoded with U+FFFD and counted", async () => {
  const stage = await Stage.open();
  stage.peer.sendBytes(raw(252, 0, 0, 0, 1, 0x68, 0xc3));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "error", payload: "h\ufffd" }]);
  assert.equal(stage.session.stats.replacedTexts, 1);
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("a BYE with invalid UTF-8 is decoded with U+FFFD and counted", async () => {
  const stage = await Stage.open();
  stage.peer.sendBytes(raw(254, 0, 0, 0, 1, 0x68, 0xc3));
  await stage.pass();
  assert.deepEqual(stage.log.slice(-1), ["closed 4000 h\ufffd"]);
  assert.equal(stage.session.stats.replacedTexts, 1);
});

test("lone surrogates leave as U+FFFD", async () => {
  const stage = await Stage.open();
  void stage.session.send("utf8", "a\ud800b");
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.utf8(1, "a\ufffdb")]);
});

test("ERROR frames of the protocol pass no hooks and raise no ack timeout", async () => {
  let runs = 0;
  const hooks = { sending: () => [{ extension: "x", run: () => void runs++ }], receiving: () => [] };
  const stage = await Stage.open({ hooks, settings: { keepAliveIntervalMs: 1_000_000 } });
  stage.peer.sendBytes(raw(100));
  await stage.pass(60_000);
  assert.equal(runs, 0);
  assert.equal(stage.session.stats.ackTimeouts, 0);
  assert.equal(stage.session.stats.unackedFrames, 0);
});

test("what a peer did is told by closed and never by error", async () => {
  const stage = await Stage.open();
  const sent = watch(stage.session.send("utf8", "x"));
  stage.peer.sendBytes(raw(250));
  await stage.pass();
  assert.deepEqual(stage.end.errors, []);
  assert.equal(sent.error?.code, "SESSION_CLOSED");
});

test("a session that reconnects treats its own 4001 as transient", async () => {
  const stage = await Stage.open({ reconnects: true });
  stage.peer.sendBytes(raw(250));
  await stage.pass();
  assert.match(stage.log.at(-1)!, /^disconnected 4001/);
  assert.equal(stage.session.state, "disconnected");
});
