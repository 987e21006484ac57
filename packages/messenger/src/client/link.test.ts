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
