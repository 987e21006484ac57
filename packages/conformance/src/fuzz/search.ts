import { randomBelow } from "../random.js";
import type { Codec } from "./codecs.js";
import { Coverage } from "./coverage.js";
import { mutate } from "./mutate.js";

export interface SearchOptions {
  readonly seed: number;
  /** Inputs to try. */
  readonly inputs: number;
}

export interface SearchReport {
  /** Inputs that took a path which none before them took, in the order in which they were found. */
  readonly found: readonly Uint8Array[];
  /** Different paths in all, those of the inputs it set out from included. */
  readonly paths: number;
}

/** What an input showed. `cause` is the error, the message has the input as the codec got it. */
export class Fault extends Error {
  constructor(codec: Codec, input: Uint8Array, cause: unknown) {
    super(`${codec.name}: ${cause}; input ${Buffer.from(input).toString("hex")}`, { cause });
  }
}

/**
 * Changes inputs at random and goes on from those that reach something new (coverage-guided fuzzing).
 *
 * The code under test must not have run in this process before, or its coverage does not show.
 *
 * @throws Fault at the first input that shows one
 */
export function search(codec: Codec, start: readonly Uint8Array[], { seed, inputs }: SearchOptions): SearchReport {
  const coverage = new Coverage(codec.modules);
  const isNew = (input: Uint8Array): boolean => coverage.isNew(() => checkInput(codec, input));
  const pool = start.filter(isNew);
  // Code that was compiled before its coverage was counted stays uncounted.
  if (pool.length === 0) throw new Error(`${codec.name} ran before the search began, or no module matches`);
  const known = pool.length;
  const random = randomBelow(seed);
  for (let count = 0; count < inputs; count++) {
    const input = mutate(pool[random(pool.length)]!, pool, random);
    if (isNew(input)) pool.push(input);
  }
  return { found: pool.slice(known), paths: coverage.paths };
}

export function checkInput(codec: Codec, input: Uint8Array): void {
  try {
    codec.check(input);
  } catch (error) {
    throw new Fault(codec, input, error);
  }
}
