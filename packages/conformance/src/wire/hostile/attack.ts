import type { Ending } from "./attacker.js";

/** What somebody who means harm knows of a server. */
export interface Field {
  readonly port: number;
  /** The id of a session that others use. */
  readonly liveSid: bigint;
}

/** Something that is done to a server, and what it may say to that. */
export interface Attack {
  /** What the peer does, to be read after "a peer that". */
  readonly does: string;
  /** Connections or frames: how much of it in the tests, and how much in `npm run attack`. */
  readonly strength: { readonly test: number; readonly long: number };
  /** What it waits for: short in the tests, while `npm run attack` has the defaults. */
  readonly patience?: { readonly upgradeTimeoutMs?: number; readonly handshakeTimeoutMs?: number };
  /** Resolves once it is over and all its connections are, to how these ended. */
  readonly run: (field: Field, strength: number) => Promise<readonly Ending[]>;
  readonly endings: readonly Ending[];
}

/** Runs something so many times, so many at a time. */
export async function inParallel<Value>(
  times: number,
  atATime: number,
  run: (index: number) => Promise<Value>,
): Promise<Value[]> {
  const results: Value[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) results.push(await run(next++));
  };
  await Promise.all(Array.from({ length: Math.min(times, atATime) }, worker));
  return results;
}
