import { createHash } from "node:crypto";
import type { ClientClock } from "../client/index.js";
import type { RelayClock } from "../server/world.js";

// Time, chance and patience of a simulation. Contains no test itself.

/** Numbers that follow from a seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** A clock that goes on only when it is told to. */
export class VirtualClock implements ClientClock, RelayClock {
  #now = 1_767_225_600_000;
  #number = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly call: () => void }>();

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const number = this.#number++;
    this.#timers.set(number, { at: this.#now + Math.ceil(ms), call });
    return () => this.#timers.delete(number);
  }

  /** Calls what is due within so many milliseconds, in order, one a call. False once nothing is. */
  step(untilMs: number): boolean {
    const due = [...this.#timers].sort(([a, one], [b, other]) => one.at - other.at || a - b)[0];
    if (due === undefined || due[1].at > untilMs) {
      this.#now = Math.max(this.#now, untilMs);
      return false;
    }
    this.#timers.delete(due[0]);
    this.#now = Math.max(this.#now, due[1].at);
    due[1].call();
    return true;
  }
}

/** Waits until nothing goes on any more without time or a message: with the crypto of one thread nothing else waits. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Bytes that follow from a name. */
export function namedBytes(name: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(name).digest());
}
