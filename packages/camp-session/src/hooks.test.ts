import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box, Hook, Hooks, Payload } from "./hooks.js";
import { frames, Stage, someBytes, watch } from "./testing/index.js";

// Hooks on the way out and in: api.md "Receiving", rules 11 and 24.

const hook = (extension: string, run: (box: Box<Payload>) => unknown): Hook => ({ extension, run });

function sending(...chain: Hook[]): { hooks: Hooks } {
  return { hooks: { sending: (kind) => (kind === "utf8" ? chain : []), receiving: () => [] } };
}

function receiving(...chain: Hook[]): { hooks: Hooks } {
  return { hooks: { sending: () => [], receiving: (kind) => (kind === "utf8" ? chain : []) } };
}

/** A hook that leaves `value` in its box. */
const leave = (extension: string, value: (before: Payload) => Payload): Hook =>
  hook(extension, (box) => {
    box.value = value(box.value);
  });
const append = (letter: string) => leave(letter, (before) => `${before}${letter}`);
const fails = hook("bad", () => {
  throw new Error("broken");
});
const hangs = hook("slow", () => new Promise(() => {}));

/** Waits for a timer of the test's time. */
const delays = (stage: () => Stage, ms: number): Hook => hook("delay", () => stage().time.sleep(ms));

test("sending hooks run in registration order, each seeing what the one before left", async () => {
  const stage = await Stage.open(sending(append("a"), append("b")));
  const sent = watch(stage.session.send("utf8", "x"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.utf8(1, "xab")]);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.equal(sent.value, true);
});

test("a sending hook that returns false ends the chain and resolves the promise to false", async () => {
  const stage = await Stage.open(
    sending(
      append("a"),
      hook("no", () => false),
      append("b"),
    ),
  );
  const sent = watch(stage.session.send("utf8", "x"));
  await stage.pass();
  assert.equal(sent.value, false);
  assert.deepEqual(stage.taken(), []);
  assert.deepEqual(stage.log, ["connected", "drain"]);
});

test("a hook that throws or rejects is reported and the message goes on as it left it", async () => {
  const rejects = hook("worse", () => Promise.reject("just a string"));
  const stage = await Stage.open(sending(append("a"), fails, rejects, append("b")));
  void stage.session.send("utf8", "x");
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.utf8(1, "xab")]);
  assert.deepEqual(stage.log.slice(1, 3), ["hook failed bad", "hook failed worse"]);
});

test("a hook that takes longer than hookTimeoutMs counts as one that threw", async () => {
  const stage = await Stage.open({ ...sending(hangs, append("b")), settings: { hookTimeoutMs: 100 } });
  void stage.session.send("utf8", "x");
  await stage.pass(99);
  assert.deepEqual(stage.taken(), []);
  await stage.pass(2);
  assert.deepEqual(stage.taken(), [frames.utf8(1, "xb")]);
  assert.equal(stage.log[1], "hook failed slow");
});

test("messages leave in the order of the calls, whatever hooks do", async () => {
  const stage: Stage = await Stage.open(
    sending(hook("delay", (box) => (box.value === "first" ? stage.time.sleep(50) : undefined))),
  );
  void stage.session.send("utf8", "first");
  void stage.session.send("utf8", "second");
  void stage.session.send("binary", someBytes(3)); // has no hooks
  await stage.pass(20);
  assert.deepEqual(stage.taken(), []);
  await stage.pass(50);
  assert.deepEqual(stage.taken(), [frames.utf8(1, "first"), frames.utf8(2, "second"), frames.binary(3, someBytes(3))]);
});

test("hooks of one message end before those of the next begin", async () => {
  const log: string[] = [];
  const stage: Stage = await Stage.open(
    sending(
      hook("watch", async (box) => {
        log.push(`${box.value} begins`);
        await stage.time.sleep(10);
        log.push(`${box.value} ends`);
      }),
    ),
  );
  void stage.session.send("utf8", "a");
  void stage.session.send("utf8", "b");
  await stage.pass(30);
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends"]);
});

test("bytes are copied before send returns although hooks run later", async () => {
  const hooks: Hooks = { sending: () => [hook("none", () => {})], receiving: () => [] };
  const stage = await Stage.open({ hooks });
  const bytes = someBytes(3);
  void stage.session.send("binary", bytes);
  bytes.fill(9);
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.binary(1, someBytes(3))]);
});

for (const [what, value, code] of [
  ["of another type", new Uint8Array(1), "HOOK"],
  ["too large", "x".repeat((1 << 20) + 1), "PAYLOAD_TOO_LARGE"],
] as const) {
  test(`a box that a sending hook left with a value ${what} rejects and is reported`, async () => {
    const stage = await Stage.open(
      sending(
        leave("odd", () => value),
        hook("innocent", () => {}),
      ),
    );
    const sent = watch(stage.session.send("utf8", "x"));
    const next = watch(stage.session.send("binary", someBytes(1)));
    await stage.pass();
    assert.equal(sent.error?.code, code);
    assert.deepEqual(stage.taken(), [frames.binary(1, someBytes(1))]);
    assert.equal(next.state, "pending");
    assert.ok(stage.log.some((line) => line.startsWith("hook failed")));
  });
}

test("a value of another type is blamed on the hook that left it", async () => {
  const odd = leave("odd", () => new Uint8Array(1));
  const innocent = hook("innocent", () => {});
  const out = await Stage.open(sending(odd, innocent));
  watch(out.session.send("utf8", "x"));
  await out.pass();
  assert.deepEqual(
    out.log.filter((line) => line.startsWith("hook")),
    ["hook failed odd"],
  );
  const into = await Stage.open(receiving(odd, innocent));
  into.peer.send(frames.utf8(1, "x"));
  await into.pass();
  assert.equal(into.log[1], "hook failed odd");
});

test("a message that waits in hooks may be dropped, and its hooks then change nothing", async () => {
  const backpressure = { highWaterMark: 100, lowWaterMark: 50, maxQueuedBytes: 1000, maxQueueCount: 1 };
  const stage: Stage = await Stage.open({
    ...sending(delays(() => stage, 10)),
    settings: { backpressure: { ...backpressure, dropPolicy: "drop-oldest" } },
  });
  const first = watch(stage.session.send("utf8", "first"));
  const second = watch(stage.session.send("utf8", "second"));
  await stage.pass(50);
  assert.equal(first.error?.code, "DROPPED");
  assert.deepEqual(stage.taken(), [frames.utf8(1, "second")]);
  assert.equal(second.state, "pending");
});

test("receiving hooks run, then the ACK goes out, then the event fires", async () => {
  const stage: Stage = await Stage.open(
    receiving(
      append("a"),
      delays(() => stage, 10),
      append("b"),
    ),
  );
  stage.end.onMessage = () => assert.equal(stage.near.sent.length, 3);
  stage.peer.send(frames.utf8(1, "x"));
  await stage.pass(5);
  assert.deepEqual(stage.taken(), []);
  await stage.pass(20);
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "xab" }]);
});

test("a message that a receiving hook suppressed is acknowledged and not delivered", async () => {
  const stage = await Stage.open(receiving(hook("no", () => false)));
  stage.peer.send(frames.utf8(1, "x"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
  assert.deepEqual(stage.end.messages, []);
});

test("a receiving hook that throws or takes too long is reported and the message goes on", async () => {
  const stage = await Stage.open({ ...receiving(fails, hangs, append("c")), settings: { hookTimeoutMs: 100 } });
  stage.peer.send(frames.utf8(1, "x"));
  await stage.pass(102);
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "xc" }]);
  assert.deepEqual(stage.log.slice(1), ["hook failed bad", "hook failed slow"]);
  assert.deepEqual(stage.taken(), [frames.ack(1)]);
});

test("a receiving hook that leaves another type is reported and the message goes on as it came", async () => {
  const stage = await Stage.open(receiving(leave("odd", () => new Uint8Array(1))));
  stage.peer.send(frames.utf8(1, "x"));
  await stage.pass();
  assert.deepEqual(stage.end.messages, [{ kind: "utf8", payload: "x" }]);
  assert.equal(stage.log[1], "hook failed odd");
});

test("a chain is fixed when its message enters it", async () => {
  let chain = [append("a")];
  const hooks: Hooks = { sending: () => [], receiving: () => chain };
  const stage: Stage = await Stage.open({ hooks });
  chain = [delays(() => stage, 10), append("a")];
  stage.peer.send(frames.utf8(1, "x"), frames.utf8(2, "y"));
  await stage.pass(5);
  chain = [append("z")];
  stage.peer.send(frames.utf8(3, "w"));
  await stage.pass(50);
  assert.deepEqual(
    stage.end.messages.map(({ payload }) => payload),
    ["xa", "ya", "wz"],
  );
});
