import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { createIdentity } from "../protocol/index.js";
import { Link, type LinkState } from "./link.js";
import { MemoryStore } from "./memory-store.js";

/** A session with a server that takes everything and says nothing. */
class SilentSession extends EventEmitter {
  closed: string | null = null;
  readonly base = { SendUTF8: async () => true };
  readonly transaction = { Stream: async () => {}, WaitForStream: () => new Promise<never>(() => {}) };

  async Close(reason: string): Promise<void> {
    this.closed = reason;
  }
}

/** A link to servers that stay silent, and a clock that is moved by hand. */
async function setUp() {
  const timers = new Map<() => void, number>();
  let nowMs = 0;
  const clock = {
    now: () => nowMs,
    after(ms: number, call: () => void) {
      timers.set(call, nowMs + ms);
      return () => void timers.delete(call);
    },
  };
  const pass = (ms: number): void => {
    nowMs += ms;
    for (const [call, atMs] of [...timers]) if (atMs <= nowMs && timers.delete(call)) call();
  };
  const sessions: SilentSession[] = [];
  const world = {
    clock,
    origin: "wss://silent.example",
    random: (bytes: number) => new Uint8Array(bytes),
    async connect() {
      const session = new SilentSession();
      sessions.push(session);
      return session;
    },
  };
  const states: LinkState[] = [];
  const events = { state: (state: LinkState) => void states.push(state), envelope: async () => {} };
  const identity = await createIdentity(true);
  const link = new Link(world, identity, new MemoryStore(), events);
  link.start();
  await new Promise(setImmediate);
  return { link, identity, sessions, states, pass, timers };
}

test("a server that registers nobody is given up after half a minute, and dialled again", async () => {
  const { link, sessions, states, pass, timers } = await setUp();
  pass(29_999);
  assert.equal(states.at(-1), "registering");
  pass(1);
  assert.equal(states.at(-1), "waiting");
  assert.equal(sessions[0]!.closed, "no answer");
  pass(15_000);
  await new Promise(setImmediate);
  assert.equal(sessions.length, 2);
  await link.stop();
  assert.equal(timers.size, 0);
});

test("an answer that is left out ends the connection, and whoever waits hears of it", async () => {
  const { link, identity, sessions, states, pass, timers } = await setUp();
  const publicKeySig = identity.fingerprint;
  const registered = { type: "registered", registered: true, publicKeySig, skewMs: 0, queued: 0 };
  sessions[0]!.emit("message-utf8", JSON.stringify(registered));
  assert.equal(states.at(-1), "online");
  const asked = assert.rejects(link.ask({ type: "lookup", publicKeySig }), { code: "OFFLINE" });
  pass(30_000);
  await asked;
  assert.equal(states.at(-1), "waiting");
  await link.stop();
  assert.equal(timers.size, 0);
});
