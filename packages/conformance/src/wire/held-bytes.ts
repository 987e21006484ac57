import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that this process holds in buffers and heap, without garbage. */
export function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * How much more this process holds than `before`, counted until it is less than `enough`, at most twenty times more: what
 * finalizers let go in one round is collected in the next.
 */
export async function growthSince(before: number, enough: number): Promise<number> {
  let growth = heldBytes() - before;
  for (let round = 0; growth >= enough && round < 20; round++) {
    await new Promise(setImmediate);
    growth = heldBytes() - before;
  }
  return growth;
}
