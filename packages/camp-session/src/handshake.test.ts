import assert from "node:assert/strict";
import { test } from "node:test";
import { VersionMismatchError } from "./errors.js";
import { frames, HandSource, ownFeatures, Stage, watch } from "./testing/index.js";

// Before and around ENDPOINT_INFO: camp-v1.md section 4, rules 12.

/** ENDPOINT_INFO of version 9 with `bytes` bytes in all. */
function foreignInfo(bytes: number): Uint8Array {
  const frame = new Uint8Array(bytes);
  frame.set([0, 0, 0, 0, 0, 0, 0, 7, 255, 0, 0, 0, 0, 0, 0, 0, 9]);
  return frame;
}

test("ENDPOINT_INFO leaves at once, with number 0, version 1 and bits 0, 32 and 34", async () => {
  const stage = new Stage();
  stage.connect();
  assert.equal(stage.near.sent.length, 1);
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.info(0, 0x5_0000_0001n)]);
  assert.equal(ownFeatures, 0x5_0000_0001n);
  assert.equal(stage.session.state, "handshaking");
});

test("connected fires once the peer's ENDPOINT_INFO was accepted, which is acknowledged", async () => {
  const stage = new Stage();
  stage.connect();
  stage.peer.send(frames.info(0));
  await stage.pass();
  assert.deepEqual(stage.log, ["connected"]);
  assert.deepEqual(stage.taken(), [frames.info(), frames.ack(0)]);
  assert.equal(stage.session.state, "open");
});

test("what the application sends earlier waits for the handshake", async () => {
  const stage = new Stage();
  const first = watch(stage.session.send("utf8", "before the connection"));
  stage.connect();
  void stage.session.send("utf8", "before the handshake");
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.info()]);
  stage.peer.send(frames.info());
  await stage.pass();
  assert.deepEqual(stage.taken(), [
    frames.ack(0),
    frames.utf8(1, "before the connection"),
    frames.utf8(2, "before the handshake"),
  ]);
  assert.equal(first.state, "pending");
});

test("messages before ENDPOINT_INFO are accepted", async () => {
  const stage = new Stage();
  stage.connect();
  stage.peer.send(frames.utf8(0, "early"), frames.info(1));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "early" }]);
  assert.deepEqual(stage.taken(), [frames.info(), frames.ack(0), frames.ack(1)]);
});

for (const early of [
  frames.start(0, 0, 1n),
  frames.chunk(0, 0n, new Uint8Array(1)),
  frames.finish(0, 0),
  frames.fetch(0, 0, 0n, 1n),
  frames.cancel(0, 0),
]) {
  test(`${early.type} before ENDPOINT_INFO closes with 4002`, async () => {
    const stage = new Stage();
    stage.connect();
    stage.peer.send(early);
    await stage.pass();
    assert.equal(stage.peer.closedWith?.code, 4002);
    assert.match(stage.peer.closedWith.reason, /before ENDPOINT_INFO/);
    assert.equal(stage.peer.of("error").length, 1);
    assert.match(stage.log.at(-1)!, /^closed 4002/);
  });
}

test("stream frames of a peer that announced no transactions close with 4002 and say why", async () => {
  const stage = await Stage.open({ features: 0n });
  stage.peer.send(frames.start(1, 0, 1n));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4002);
  assert.match(stage.peer.of("error")[0]!.payload, /transactions/);
});

test("unknown feature bits are ignored", async () => {
  const stage = await Stage.open({ features: 0xffff_ffff_ffff_ffffn });
  assert.deepEqual(stage.log, ["connected"]);
});

test("a second equal ENDPOINT_INFO is acknowledged and changes nothing", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.info(1));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  assert.deepEqual(stage.log, ["connected"]);
});

test("a second ENDPOINT_INFO that differs closes with 4001", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.info(1, 1n));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4001);
  assert.equal(stage.peer.of("error").length, 1);
});

test("no ENDPOINT_INFO within handshakeTimeoutMs closes with 4001", async () => {
  const stage = new Stage({ settings: { handshakeTimeoutMs: 5000 } });
  stage.connect();
  await stage.pass(4999);
  assert.equal(stage.session.state, "handshaking");
  await stage.pass(1);
  assert.match(stage.log.at(-1)!, /^closed 4001 .*5000 ms/);
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4001);
});

test("a peer that sends messages but never introduces itself is refused as well", async () => {
  const stage = new Stage();
  stage.connect();
  for (let i = 0; i < 6; i++) {
    stage.peer.send(frames.utf8(i, "hello"));
    await stage.pass(1000);
  }
  assert.match(stage.log.at(-1)!, /^closed 4001/);
});

for (const bytes of [17, 20, 25, 400]) {
  test(`another version in an ENDPOINT_INFO of ${bytes} bytes makes a server close with 4001`, async () => {
    const stage = new Stage({ role: "server" });
    stage.connect();
    stage.peer.sendBytes(foreignInfo(bytes));
    await stage.pass();
    assert.equal(stage.peer.closedWith?.code, 4001);
    assert.match(stage.peer.closedWith.reason, /version 9.*version 1/);
    assert.match(stage.peer.of("error")[0]!.payload, /version 9.*version 1/);
    assert.deepEqual(stage.peer.of("bye"), []);
  });
}

test("another version makes a client say BYE, tell both versions and never come back", async () => {
  const stage = new Stage({ role: "client", reconnects: true });
  stage.connect();
  stage.peer.sendBytes(foreignInfo(17));
  await stage.pass();
  const [error] = stage.end.errors;
  assert.ok(error instanceof VersionMismatchError);
  assert.match(error.message, /version 9.*version 1/);
  assert.deepEqual(stage.peer.of("bye"), [frames.bye(1, error.message)]);
  stage.peer.send(frames.ack(0), frames.ack(1));
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 4000);
  assert.match(stage.log.at(-1)!, /^closed 4000 .*version 9/);
});

test("a client that leaves because of the version rejects what waited to be sent", async () => {
  const stage = new Stage({ role: "client", reconnects: true });
  const sent = watch(stage.session.send("utf8", "hello"));
  stage.connect();
  stage.peer.sendBytes(foreignInfo(17));
  await stage.pass();
  assert.equal(sent.error?.code, "SESSION_CLOSED");
  assert.equal(stage.peer.of("bye").length, 1);
});

test("a stream waits until our own ENDPOINT_INFO was acknowledged, messages do not", async () => {
  const stage = new Stage();
  void stage.session.stream(new HandSource(), { name: "s", behaviour: "push" });
  void stage.session.send("utf8", "m");
  stage.connect();
  stage.peer.send(frames.info());
  await stage.pass(100);
  assert.deepEqual(stage.taken(), [frames.info(), frames.ack(0), frames.utf8(1, "m")]);
  stage.peer.send(frames.ack(0));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.start(2, 0, -1n, 0, "s")]);
});

test("a stream waits until the peer's ENDPOINT_INFO was accepted", async () => {
  const stage = new Stage();
  void stage.session.stream(new HandSource(), { name: "s", behaviour: "push" });
  stage.connect();
  stage.peer.send(frames.ack(0));
  await stage.pass(100);
  assert.deepEqual(stage.taken(), [frames.info()]);
  stage.peer.send(frames.info());
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(0), frames.start(1, 0, -1n, 0, "s")]);
});

test("a connection offered to a session that has one, or has ended, is terminated", async () => {
  const stage = await Stage.open();
  const { peer } = stage;
  stage.connect();
  await stage.pass();
  assert.equal(stage.peer.closedWith?.code, 1006);
  assert.equal(peer.closedWith, null);
});
