import assert from "node:assert/strict";
import { test } from "node:test";
import { createIdentity } from "../protocol/index.js";
import { Link, type LinkState } from "./link.js";
import { MemoryStore } from "./memory-store.js";
import { scriptedWorld, settled } from "./support.test.js";

/** A link to servers that stay silent. */
async function setUp() {
  const { world, clock, sessions } = scriptedWorld();
  const states: LinkState[] = [];
  const events = { state: (state: LinkState) => void states.push(state), envelope: async () => {} };
  const identity = await createIdentity(true);
  const link = new Link(world, identity, new MemoryStore(), events);
  link.start();
  await settled();
  return { link, identity, sessions, states, clock };
}

test("a server that registers nobody is given up after half a minute, and dialled again", async () => {
  const { link, sessions, states, clock } = await setUp();
  clock.pass(29_999);
  assert.equal(states.at(-1), "registering");
  clock.pass(1);
  assert.equal(states.at(-1), "waiting");
  assert.equal(sessions[0]!.closed, "no answer");
  clock.pass(15_000);
  await settled();
  assert.equal(sessions.length, 2);
  await link.stop();
  assert.equal(clock.timers.size, 0);
});

test("stopping gives up the attempt that is under way, and no other follows", async () => {
  const { world, clock } = scriptedWorld();
  const signals: (AbortSignal | undefined)[] = [];
  const connect = (signal?: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signals.push(signal);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const states: LinkState[] = [];
  const events = { state: (state: LinkState) => void states.push(state), envelope: async () => {} };
  const link = new Link({ ...world, connect }, await createIdentity(true), new MemoryStore(), events);
  link.start();
  await link.stop();
  await settled();
  assert.deepEqual([signals.length, signals[0]?.aborted], [1, true]);
  assert.deepEqual([states, clock.timers.size], [["connecting", "stopped"], 0]);
  link.start();
  assert.deepEqual([signals.length, signals[1]?.aborted, states.at(-1)], [2, false, "connecting"]);
  await link.stop();
});

test("an answer that is left out ends the connection, and whoever waits hears of it", async () => {
  const { link, identity, sessions, states, clock } = await setUp();
  const publicKeySig = identity.fingerprint;
  sessions[0]!.registers(publicKeySig);
  assert.equal(states.at(-1), "online");
  const asked = assert.rejects(link.ask({ type: "lookup", publicKeySig }), { code: "OFFLINE" });
  clock.pass(30_000);
  await asked;
  assert.equal(states.at(-1), "waiting");
  await link.stop();
  assert.equal(clock.timers.size, 0);
});
