import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hooks } from "./hooks.js";
import { frames, ManualStage, someBytes } from "./testing/index.js";

// The way in and its bounds: rules 11.

/** Hooks for texts that hold every message until `release` is called. */
class Held {
  readonly #waiting: (() => void)[] = [];
  readonly hooks: Hooks = {
    sending: () => [],
    receiving: (kind) => (kind === "utf8" ? [{ extension: "held", run: () => this.#hold() }] : []),
  };
  #open = false;

  #hold(): Promise<void> | undefined {
    return this.#open ? undefined : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the message that is being held go on. */
  one(): void {
    this.#waiting.shift()?.();
  }

  /** Lets everything go on. */
  all(): void {
    this.#open = true;
    this.one();
  }
}

test("without hooks a message is acknowledged and delivered synchronously", () => {
  const stage = new ManualStage();
  stage.give(frames.utf8(1, "a"), frames.binary(2, someBytes(2)), frames.error(3, "oops"));
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.ack(2), frames.ack(3)]);
  assert.deepEqual(stage.end.messages, [
    { kind: "utf8", payload: "a" },
    { kind: "binary", payload: someBytes(2) },
    { kind: "error", payload: "oops" },
  ]);
});

test("texts, bytes, errors and BYE pass one queue in order, whatever has hooks", async () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks });
  stage.give(frames.utf8(1, "a"), frames.binary(2, someBytes(1)), frames.error(3, "e"), frames.bye(4, "bye"));
  await stage.pass();
  assert.deepEqual(stage.taken(), []);
  held.all();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(1), frames.ack(2), frames.ack(3), frames.ack(4)]);
  assert.deepEqual(
    stage.end.messages.map(({ kind }) => kind),
    ["utf8", "binary", "error"],
  );
});

test("ACK, PING_PONG and stream frames are handled on arrival while hooks hold messages", async () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks });
  const sent = stage.session.send("binary", someBytes(1));
  stage.give(frames.utf8(1, "held"), frames.ping, frames.start(2, 0, -1n), frames.ack(1));
  assert.deepEqual(stage.taken().slice(1), [frames.pong, frames.ack(2)]);
  assert.equal(await sent, true);
});

test("1024 held messages are allowed, the next one pauses reading, half of them resume it", async () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks });
  for (let i = 1; i <= 1024; i++) stage.give(frames.utf8(i, ""));
  assert.equal(stage.transport.paused, false);
  stage.give(frames.utf8(1025, ""));
  assert.equal(stage.transport.paused, true);
  await stage.pass();
  for (let i = 0; i < 512; i++) {
    held.one();
    await stage.pass();
  }
  assert.equal(stage.transport.paused, true);
  held.one();
  await stage.pass();
  assert.equal(stage.transport.paused, false);
});

test("8 MiB of held messages are allowed, one byte more pauses reading", async () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks });
  const mib = "x".repeat(1 << 20);
  for (let i = 1; i <= 8; i++) stage.give(frames.utf8(i, mib));
  assert.equal(stage.transport.paused, false);
  stage.give(frames.utf8(9, "y"));
  assert.equal(stage.transport.paused, true);
  await stage.pass();
  for (let i = 0; i < 4; i++) {
    held.one();
    await stage.pass();
  }
  assert.equal(stage.transport.paused, true);
  held.one();
  await stage.pass();
  assert.equal(stage.transport.paused, false);
});

test("where reading cannot pause the session closes with 4002", () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks });
  stage.transport.pausable = false;
  for (let i = 1; i <= 1024; i++) stage.give(frames.utf8(i, ""));
  assert.equal(stage.session.state, "open");
  stage.give(frames.utf8(1025, ""));
  assert.equal(stage.transport.closedWith?.code, 4002);
  assert.equal(stage.taken().at(-1)?.type, "error");
});

test("the ack clock stands still while the inbox has paused reading", async () => {
  const held = new Held();
  const stage = new ManualStage({
    hooks: held.hooks,
    settings: { ackTimeoutMs: 1000, hookTimeoutMs: 1_000_000, keepAliveIntervalMs: 1_000_000 },
  });
  let error: Error | null = null;
  stage.session.send("binary", someBytes(1)).catch((reason) => (error = reason));
  stage.flush();
  for (let i = 1; i <= 1025; i++) stage.give(frames.utf8(i, ""));
  await stage.pass(50_000);
  assert.equal(error, null);
  held.all();
  await stage.pass(999);
  assert.equal(error, null);
  await stage.pass(1);
  assert.match(String(error), /not acknowledged/);
});

test("closing reads again although the inbox is full", async () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks });
  for (let i = 1; i <= 1025; i++) stage.give(frames.utf8(i, ""));
  assert.equal(stage.transport.paused, true);
  void stage.session.close("done");
  assert.equal(stage.transport.paused, false);
  stage.give(frames.utf8(1026, ""));
  assert.equal(stage.transport.paused, false);
});

test("two holders of the pause must both let go", async () => {
  const held = new Held();
  const stage = new ManualStage({ hooks: held.hooks, features: 1n });
  stage.give(frames.start(1, 0, -1n));
  const stream = await stage.session.waitForStream("anonymous");
  for (let i = 0; i < 4; i++) stage.give(frames.chunk(0, BigInt(i) << 20n, someBytes(1 << 20)));
  for (let i = 2; i <= 1026; i++) stage.give(frames.utf8(i, ""));
  for (let i = 0; i < 4; i++) stream.take();
  assert.equal(stage.transport.paused, true);
  held.all();
  await stage.pass();
  assert.equal(stage.transport.paused, false);
});
