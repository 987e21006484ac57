import { EventEmitter } from "node:events";
import type { ClientClock } from "./world.js";

// What the tests of this folder share. Contains none itself.

/** Resolves when everything has happened that needs neither time nor another thread. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A clock that is moved by hand. */
export class HandClock implements ClientClock {
  /** What is due when. */
  readonly timers = new Map<() => void, number>();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, call: () => void): () => void {
    this.timers.set(call, this.#nowMs + ms);
    return () => void this.timers.delete(call);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [call, atMs] of [...this.timers]) if (atMs <= this.#nowMs && this.timers.delete(call)) call();
  }
}

/** A session with a server that takes everything and says what the test makes it say. */
export class ScriptedSession extends EventEmitter {
  /** What the client has said. */
  readonly said: Record<string, unknown>[] = [];
  closed: string | null = null;
  readonly transaction = { Stream: async () => {}, WaitForStream: () => new Promise<never>(() => {}) };
  readonly base = {
    SendUTF8: async (text: string) => {
      this.said.push(JSON.parse(text));
      this.emit("said");
      return true;
    },
  };

  async Close(reason: string): Promise<void> {
    this.closed = reason;
  }

  says(message: Readonly<Record<string, unknown>>): void {
    this.emit("message-utf8", JSON.stringify(message));
  }

  registers(publicKeySig: string): void {
    this.says({ type: "registered", registered: true, publicKeySig, skewMs: 0, queued: 0 });
  }
}

/** A world whose servers are scripted and whose clock is moved by hand. */
export function scriptedWorld() {
  const clock = new HandClock();
  const sessions: ScriptedSession[] = [];
  let drawn = 0;
  const world = {
    clock,
    origin: "wss://scripted.example",
    random: (bytes: number) => new Uint8Array(bytes).fill(drawn++),
    async connect() {
      const session = new ScriptedSession();
      sessions.push(session);
      return session;
    },
  };
  return { world, clock, sessions };
}
