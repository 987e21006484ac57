import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, RESUME_NOTHING, type ResumeFrame } from "camp-protocol";
import { ResumeFailedError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import type { IncomingStream } from "./incoming-stream.js";
import {
  failure,
  frames,
  ManualStage,
  ownFeatures,
  PatternSource,
  ResumeStage,
  type SimulatedEnd,
  Stage,
  watch,
} from "./testing/index.js";

const sid = 7n;
const resumeFeatures = ownFeatures | (1n << 33n);
const texts = (end: { readonly messages: readonly { readonly payload: unknown }[] }): unknown[] =>
  end.messages.map(({ payload }) => payload);

async function back(stage: ResumeStage): Promise<void> {
  stage.connect();
  await stage.pass(20);
}

/** The secret that the client would show, taken from what the server sent. */
function secretOf(stage: ResumeStage): Uint8Array {
  const said = stage.far.sent.map((bytes) => decode(bytes));
  return said.filter((frame) => frame.type === "resume_ticket").at(-1)!.secret;
}

/** The stream of this name, once it has had time to begin. */
async function claim(stage: ResumeStage, name: string): Promise<IncomingStream> {
  const stream = stage.server.end.session.waitForStream(name);
  await stage.pass();
  return stream;
}

const resumeFrame = (received: bigint, secret: Uint8Array): ResumeFrame => ({ type: "resume", sid, received, secret });

/** Reads a stream whenever it brings something. */
function drain(stream: IncomingStream): { bytes: number; wrong: number } {
  const read = { bytes: 0, wrong: 0 };
  const take = (): void => {
    for (let chunk = stream.take(); chunk !== null; chunk = stream.take()) {
      for (const byte of chunk) if (byte !== read.bytes++ % 251) read.wrong++;
    }
  };
  stream.onChange = take;
  take();
  return read;
}

test("messages from around a cut arrive once and in order in both directions, and their promises settle", async () => {
  const stage = await ResumeStage.open();
  const { client, server } = stage;
  const sent = ["a", "b", "c"].map((text) => watch(client.session.send("utf8", text)));
  sent.push(...["x", "y"].map((text) => watch(server.end.session.send("utf8", text))));
  await stage.pass(1.5);
  await stage.cut();
  sent.push(watch(client.session.send("utf8", "d")), watch(server.end.session.send("utf8", "z")));
  await back(stage);
  assert.deepEqual(texts(server.end), ["a", "b", "c", "d"]);
  assert.deepEqual(texts(client), ["x", "y", "z"]);
  assert.ok(sent.every(({ value }) => value === true));
});

test("the server's session stays the same one and tells what happened", async () => {
  const stage = await ResumeStage.open();
  await stage.cut();
  assert.equal(stage.server.end.session.state, "disconnected");
  await back(stage);
  assert.equal(stage.server.ends.length, 1);
  assert.deepEqual(stage.server.end.log, ["connected", "disconnected 1006 ", "resumed"]);
  assert.deepEqual(stage.client.log, ["connected", "disconnected 1006 ", "resumed"]);
});

for (const behaviour of ["push", "pull"] as const) {
  test(`a ${behaviour} stream goes on at the byte where it stopped, cut after cut`, async () => {
    const stage = await ResumeStage.open({ network: { bytesPerMs: 20_000 } });
    const source = new PatternSource(1_000_000n);
    const sent = watch(stage.client.session.stream(source, { name: "s", behaviour }));
    const read = drain(await claim(stage, "s"));
    for (let cuts = 0; cuts < 12; cuts++) {
      await stage.pass(7);
      await stage.cut();
      await stage.pass(30);
      stage.connect();
    }
    await stage.pass(500);
    assert.deepEqual(read, { bytes: 1_000_000, wrong: 0 });
    assert.equal(sent.state, "resolved");
    assert.equal(source.reads.filter((at) => at === 0n).length, 1);
    assert.equal(source.closes, 1);
  });
}

test("the ends may be cut at every byte of every connection, and nothing is lost, doubled or out of order", async () => {
  for (const direction of ["up", "down"] as const) {
    for (let bytes = 0; ; bytes++) {
      const cuts = await liveWithCut(direction, bytes);
      if (cuts === 0) break;
    }
  }
});

/** One life with a cut after so many bytes of one direction, then with another as far into the connection after it. */
async function liveWithCut(direction: "up" | "down", cutAfterBytes: number): Promise<number> {
  let sentBytes = 0;
  let cuts = 0;
  const passes = (from: SimulatedEnd, bytes: number): boolean => {
    if ((from === stage.wire) !== (direction === "up") || cuts === 2) return true;
    sentBytes += bytes;
    if (sentBytes <= cutAfterBytes) return true;
    sentBytes = 0;
    cuts++;
    return false;
  };
  const stage = new ResumeStage({ network: { passes } });
  const { client, server } = stage;
  client.onDisconnected = () => stage.time.after(20, () => stage.connect());
  stage.connect();
  const sent = [..."abc"].map((text) => watch(client.session.send("utf8", text)));
  const stream = watch(client.session.stream(new PatternSource(100n), { name: "s", behaviour: "push" }));
  await stage.pass(8);
  const first = server.end;
  const reader = watch(first.session.waitForStream("s"));
  sent.push(...[..."xyz"].map((text) => watch(first.session.send("utf8", text))));
  await stage.pass(30_000);
  const where = `cut after ${cutAfterBytes} bytes ${direction}`;
  for (const { state } of sent) assert.notEqual(state, "pending", where);
  assert.notEqual(stream.state, "pending", where);
  const arrived = server.ends.flatMap(texts).join("");
  const told = client.messages.map(({ payload }) => payload).join("");
  const promised = sent.map(({ value }, index) => (value === true ? "abcxyz"[index] : "-"));
  assert.ok("abc".includes(arrived) && "xyz".includes(told), `${where}: ${arrived} ${told}`);
  for (const text of promised)
    assert.ok(text === "-" || `${arrived}${told}`.includes(text!), `${where}: ${text} is lost`);
  if (server.ends.length === 1) {
    assert.deepEqual([arrived, told, stream.state], ["abc", "xyz", "resolved"], where);
    assert.equal(reader.value?.receivedBytes, 100n, where);
  } else {
    // Only a session whose client had no secret yet, or was not known to have it, begins anew, and that is told.
    assert.ok(cutAfterBytes < 250, where);
    for (const { error } of sent)
      assert.ok(error === undefined || /RESUME_FAILED|SESSION_CLOSED/.test(error.code!), where);
  }
  void client.session.close("done");
  await stage.pass(4000);
  return cuts;
}

test("hooks do not run again, and what a hook still held at the cut is acknowledged after it", async () => {
  const runs: string[] = [];
  let release = (): void => {};
  const hooks: Hooks = {
    sending: () => [],
    receiving: () => [
      {
        extension: "slow",
        run: ({ value }) => {
          runs.push(String(value));
          return new Promise<void>((resolve) => (release = resolve));
        },
      },
    ],
  };
  const stage = await ResumeStage.open({ server: { hooks } });
  const sent = watch(stage.client.session.send("utf8", "m"));
  await stage.pass();
  await stage.cut();
  await back(stage);
  release();
  await stage.pass();
  assert.deepEqual([runs, texts(stage.server.end), sent.value], [["m"], ["m"], true]);
});

test("the time of the acknowledgement stands still while the session is cut", async () => {
  const stage = await ResumeStage.open({ client: { settings: { ackTimeoutMs: 1000 } } });
  stage.conditions.latencyMs = 300;
  const sent = watch(stage.client.session.send("utf8", "m"));
  await stage.pass(200);
  stage.wire.cut(true, true);
  await stage.pass(60_000);
  stage.conditions.latencyMs = 1;
  await back(stage);
  assert.equal(sent.value, true);
});

test("a stranger with the id and a guessed secret is turned away, and the session goes on for its client", async () => {
  const stage = await ResumeStage.open();
  await stage.cut();
  const { peer, reception } = stage.intrude();
  assert.equal(reception, "claim");
  peer.send(frames.info(0, resumeFeatures), resumeFrame(2n, new Uint8Array(32)));
  await stage.pass();
  assert.deepEqual(peer.closedWith, { code: 4001, reason: "the session is kept for somebody else" });
  assert.equal(stage.server.end.session.state, "disconnected");
  await back(stage);
  assert.deepEqual(stage.server.end.log, ["connected", "disconnected 1006 ", "resumed"]);
});

test("a secret of which one byte is wrong is not enough, whichever byte", async () => {
  const stage = await ResumeStage.open();
  const secret = secretOf(stage);
  await stage.cut();
  for (let index = 0; index < secret.length; index++) {
    const guess = secret.slice();
    guess[index]! ^= 1;
    const { peer } = stage.intrude();
    peer.send(frames.info(0, resumeFeatures), resumeFrame(2n, guess));
    await stage.pass();
    assert.equal(peer.closedWith?.reason, "the session is kept for somebody else");
  }
  assert.equal(stage.server.end.session.state, "disconnected");
});

test("strangers that say nothing, or cannot resume, hold nothing up", async () => {
  const stage = await ResumeStage.open();
  await stage.cut();
  const silent = Array.from({ length: 20 }, () => stage.intrude().peer);
  const old = stage.intrude().peer;
  old.send(frames.info(0, ownFeatures));
  await back(stage);
  assert.equal(stage.client.log.at(-1), "resumed");
  assert.equal(old.closedWith?.code, 4001);
  await stage.pass(6000);
  assert.ok(silent.every(({ closedWith }) => closedWith?.code === 4001));
  assert.equal(stage.server.end.session.state, "open");
});

test("of two that come back with the right secret one gets the session", async () => {
  const stage = await ResumeStage.open();
  const secret = secretOf(stage);
  await stage.cut();
  const rival = stage.intrude().peer;
  stage.connect();
  rival.send(frames.info(0, resumeFeatures), resumeFrame(2n, secret));
  await stage.pass(20);
  assert.equal(stage.server.end.session.state, "open");
  const won = stage.client.log.at(-1) === "resumed";
  assert.equal(rival.closedWith?.reason === "the session has a connection already", won);
  assert.equal(stage.server.ends.length, 1);
});

test("a live session is not touched by whoever shows its secret", async () => {
  const stage = await ResumeStage.open();
  const { reception } = stage.intrude();
  assert.equal(reception, "in use");
  assert.deepEqual(stage.server.end.log, ["connected"]);
});

test("a secret is worth nothing any more once the next one was acknowledged", async () => {
  const stage = await ResumeStage.open();
  const old = secretOf(stage);
  await stage.cut();
  await back(stage);
  await stage.cut();
  const { peer } = stage.intrude();
  peer.send(frames.info(0, resumeFeatures), resumeFrame(2n, old));
  await stage.pass();
  assert.equal(peer.closedWith?.reason, "the session is kept for somebody else");
  await back(stage);
  assert.equal(stage.client.log.at(-1), "resumed");
});

test("a secret whose acknowledgement was lost works as well as the one before it", async () => {
  for (const [index, lost] of (["down", "up"] as const).entries()) {
    const stage = await ResumeStage.open();
    await stage.cut();
    // The next secret, or its acknowledgement, is lost with the connection that just resumed.
    stage.conditions.passes = (from, bytes) => (from === stage.wire) !== (lost === "up") || bytes !== [49, 13][index];
    stage.connect();
    stage.client.log.length = 0;
    await stage.pass(20);
    delete stage.conditions.passes;
    if (stage.client.session.state === "open") await stage.cut();
    await back(stage);
    assert.equal(stage.client.log.at(-1), "resumed");
    assert.equal(stage.server.ends.length, 1);
  }
});

test("an attempt that arrives after a later one succeeded hurts nothing", async () => {
  const stage = await ResumeStage.open();
  const secret = secretOf(stage);
  void stage.server.end.session.send("utf8", "confirmed");
  await stage.pass(60_000); // a beat confirms what came
  await stage.cut();
  const { peer } = stage.intrude();
  peer.send(frames.info(0, resumeFeatures), resumeFrame(0n, secret));
  await stage.pass();
  assert.equal(peer.closedWith?.reason, "RESUME does not fit the session");
  await back(stage);
  assert.equal(stage.client.log.at(-1), "resumed");
});

test("after the window the server's session is closed; the client's begins anew and says what is unknown", async () => {
  const stage = await ResumeStage.open({ windowMs: 1000 });
  const unknown = watch(stage.client.session.send("utf8", "under way"));
  const serverUnknown = watch(stage.server.end.session.send("utf8", "under way down"));
  const stream = watch(stage.client.session.stream(new PatternSource(9n), { name: "s", behaviour: "push" }));
  stage.wire.cut(true, true);
  await stage.pass(900);
  assert.deepEqual([unknown.state, stream.state, serverUnknown.state], ["pending", "pending", "pending"]);
  const queued = watch(stage.client.session.send("utf8", "queued"));
  await stage.pass(200);
  assert.ok(unknown.error instanceof ResumeFailedError && stream.error instanceof ResumeFailedError);
  assert.match(unknown.error.message, /unknown/);
  assert.equal(stage.server.end.log.at(-1), "closed 1006 ");
  assert.equal(serverUnknown.error?.code, "SESSION_CLOSED");
  assert.equal(queued.state, "pending");
  await back(stage);
  assert.ok(stage.client.log.includes("reconnected") && !stage.client.log.includes("resumed"));
  assert.deepEqual([texts(stage.server.end), queued.value], [["queued"], true]);
});

test("after a restart of the server the session begins anew and says what is unknown", async () => {
  const stage = await ResumeStage.open();
  const unknown = watch(stage.client.session.send("utf8", "under way"));
  stage.wire.cut(true, true);
  await stage.restart();
  const waiting = watch(stage.client.session.waitForStream("later"));
  const queued = watch(stage.client.session.send("utf8", "queued"));
  await back(stage);
  assert.ok(unknown.error instanceof ResumeFailedError);
  assert.ok(stage.client.log.includes("reconnected") && !stage.client.log.includes("resumed"));
  assert.deepEqual([texts(stage.server.end), queued.value, waiting.state], [["queued"], true, "pending"]);
  void stage.server.end.session.stream(new PatternSource(9n), { name: "later", behaviour: "push" });
  await stage.pass(20);
  assert.equal(waiting.value?.receivedBytes, 9n);
  await stage.cut();
  await back(stage);
  assert.equal(stage.client.log.at(-1), "resumed");
});

test("a server that closes on purpose says how far it got: the rest goes to the next one, and nothing twice", async () => {
  let release = (): void => {};
  const run = () => new Promise<void>((resolve) => (release = resolve));
  const hooks: Hooks = { sending: () => [], receiving: () => [{ extension: "slow", run }] };
  const stage = await ResumeStage.open({ server: { hooks } });
  const sent = [watch(stage.client.session.send("utf8", "held by a hook"))];
  await stage.pass();
  const old = stage.server.end;
  sent.push(watch(stage.client.session.send("utf8", "crosses the close")));
  void old.session.close("restart", 1001);
  await stage.pass();
  assert.equal(stage.client.log.at(-1), "disconnected 1001 restart");
  assert.deepEqual([sent[0]!.value, sent[1]!.state], [true, "pending"]);
  release();
  await stage.pass();
  assert.equal(stage.connect(), "session");
  await stage.pass(20);
  release();
  await stage.pass(20);
  assert.deepEqual([texts(old), texts(stage.server.end)], [["held by a hook"], ["crosses the close"]]);
  assert.equal(sent[1]!.value, true);
});

test("a client whose window passed first lets the server forget the session", async () => {
  const stage = await ResumeStage.open({
    client: { resume: { windowMs: 100, randomBytes: () => new Uint8Array(32) } },
  });
  await stage.cut();
  await stage.pass(200);
  assert.equal(stage.connect(), "claim");
  await stage.pass(20);
  assert.equal(stage.client.session.state, "disconnected");
  assert.equal(stage.server.end.closes, 1);
  assert.equal(stage.connect(), "session");
  await stage.pass(20);
  assert.equal(stage.client.log.at(-1), "reconnected");
});

test("only who has the secret can make the server forget the session", async () => {
  const stage = await ResumeStage.open();
  await stage.cut();
  const { peer } = stage.intrude();
  peer.send(frames.info(0, resumeFeatures), resumeFrame(RESUME_NOTHING, new Uint8Array(32)));
  await stage.pass();
  assert.equal(stage.server.end.session.state, "disconnected");
});

test("a server that was replaced by one that cannot resume is told from one that forgot nothing", async () => {
  const stage = await Stage.open({
    reconnects: true,
    features: resumeFeatures,
    resume: { windowMs: 1000, randomBytes: () => new Uint8Array(32) },
  });
  stage.peer.send({ type: "resume_ticket", sid, ack: 1, windowMs: 1000, secret: new Uint8Array(32) });
  const unknown = watch(stage.session.send("utf8", "under way"));
  await stage.pass();
  stage.near.cut(true, true);
  await stage.pass();
  stage.connect();
  stage.peer.send(frames.info(0), frames.ack(0));
  const queued = watch(stage.session.send("utf8", "fresh"));
  await stage.pass();
  assert.ok(unknown.error instanceof ResumeFailedError);
  assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "fresh")]);
  assert.deepEqual(stage.peer.of("resume"), []);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.equal(queued.value, true);
});

test("a peer without the bit sees plain CAMP v1, and messages go out again after a cut", async () => {
  const resume = { windowMs: 1000, randomBytes: () => new Uint8Array(32) };
  for (const role of ["client", "server"] as const) {
    const stage = await Stage.open({ role, reconnects: role === "client", resume, settings: { ackTimeoutMs: 60_000 } });
    const sent = watch(stage.session.send("utf8", "m"));
    stage.peer.send(...Array.from({ length: 300 }, (_, index) => frames.utf8(1 + index, "x")));
    await stage.pass(16_000);
    const types = new Set(stage.taken().map(({ type }) => type));
    const plain = role === "server" ? ["ack", "ping_pong", "utf8data"] : ["ack", "utf8data"];
    assert.deepEqual([...types].sort(), plain);
    stage.near.cut(true, true);
    await stage.pass();
    assert.equal(stage.log.at(-1), role === "client" ? "disconnected 1006 " : "closed 1006 ");
    if (role === "server") continue;
    await stage.introduce();
    assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "m")]);
    assert.equal(sent.state, "pending");
  }
});

test("a session whose peer did wrong is over, secret or not", async () => {
  const stage = await ResumeStage.open();
  stage.wire.send(Uint8Array.of(1, 2, 3));
  await stage.pass();
  assert.match(stage.server.end.log.at(-1)!, /^closed 4001/);
});

test("a close frame of the client is no cut unless it says so: the session ends", async () => {
  for (const [code, told] of [
    [1001, "closed 1001 away"],
    [4000, "closed 4000 away"],
    [1012, "disconnected 1012 away"],
    [4003, "disconnected 4003 away"],
  ] as const) {
    const stage = await ResumeStage.open();
    stage.wire.close(code, "away");
    await stage.pass();
    assert.equal(stage.server.end.log.at(-1), told);
  }
});

test("a dead peer is cut off, and the session waits for it", async () => {
  const stage = await ResumeStage.open();
  stage.wire.cut(false, false);
  await stage.pass(90_000);
  assert.ok(stage.server.end.log.includes("disconnected 4001 the peer does not answer"));
  assert.equal(stage.client.session.state, "disconnected");
  await back(stage);
  assert.equal(stage.client.log.at(-1), "resumed");
});

test("Close while the session waits ends it at once, on either end", async () => {
  const stage = await ResumeStage.open();
  const sent = watch(stage.server.end.session.send("utf8", "m"));
  stage.wire.cut(true, true);
  await stage.pass();
  void stage.server.end.session.close("enough");
  void stage.client.session.close("enough");
  await stage.pass();
  assert.equal(sent.error?.code, "SESSION_CLOSED");
  assert.deepEqual(
    [stage.server.end.log.at(-1), stage.client.log.at(-1)],
    ["closed 4000 enough", "closed 4000 enough"],
  );
});

test("what is kept is let go as the peer confirms it, and an idle session keeps nothing", async () => {
  const stage = await ResumeStage.open();
  for (let index = 0; index < 1000; index++) void stage.client.session.send("binary", new Uint8Array(1000));
  await stage.pass(50);
  assert.ok(stage.client.session.heldBytes < 256 * 1024 + 1100, String(stage.client.session.heldBytes));
  assert.ok(stage.server.end.session.heldBytes <= 128 * 13, String(stage.server.end.session.heldBytes));
  await stage.pass(60_000);
  assert.deepEqual([stage.client.session.heldBytes, stage.server.end.session.heldBytes], [0, 0]);
});

test("who acknowledges a message has confirmed it and all before it, whatever else it leaves unsaid", () => {
  const resume = { windowMs: 1000, randomBytes: () => new Uint8Array(32) };
  const stage = new ManualStage({ role: "server", resume, features: resumeFeatures });
  stage.give(frames.ack(1));
  for (let index = 0; index < 20; index++) void stage.session.send("binary", new Uint8Array(1000));
  stage.flush();
  const sent = stage.taken().flatMap((frame) => ("ack" in frame && frame.type === "binarydata" ? [frame.ack] : []));
  const messageBytes = stage.session.heldBytes / 20;
  stage.give(frames.ack(sent[9]!));
  assert.equal(stage.session.stats.unackedFrames, 19);
  // The nine before still wait for their own ACK, and are kept for that alone.
  stage.give(...sent.slice(0, 9).map((number) => frames.ack(number)));
  assert.equal(stage.session.heldBytes, 10 * messageBytes);
  stage.give(...sent.slice(10).map((number) => frames.ack(number)));
  assert.equal(stage.session.heldBytes, 0);
});

test("a peer that confirms nothing and has nothing to acknowledge is given up when it makes us keep acknowledgements", () => {
  const resume = { windowMs: 1000, randomBytes: () => new Uint8Array(32) };
  const stage = new ManualStage({ role: "server", resume, features: resumeFeatures });
  stage.give(frames.ack(1));
  for (let index = 0; index < 131_100 && stage.transport.closedWith === null; index++) {
    stage.give(frames.utf8(1 + index, ""));
    if (index % 1000 === 0) stage.flush();
  }
  assert.deepEqual(stage.transport.closedWith, { code: 4001, reason: "does not read" });
});

test("a peer that confirms what was never sent is refused", async () => {
  const resume = { windowMs: 1000, randomBytes: () => new Uint8Array(32) };
  const stage = await Stage.open({ role: "server", resume, features: resumeFeatures });
  stage.peer.send({ type: "received", sid, received: 100n });
  await stage.pass();
  assert.match(stage.log.at(-1)!, /^closed 4001 RECEIVED 100/);
});

test("a stream that began while the session was cut goes out with the next connection", async () => {
  const stage = await ResumeStage.open();
  await stage.cut();
  const sent = watch(stage.client.session.stream(new PatternSource(5n), { name: "s", behaviour: "push" }));
  await back(stage);
  const stream = await claim(stage, "s");
  assert.equal(drain(stream).bytes, 5);
  await stage.pass();
  assert.equal(sent.state, "resolved");
  assert.equal(failure(stream), null);
});
