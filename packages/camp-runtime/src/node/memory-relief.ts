import { BufferBudget } from "camp-session";
import type { Engine } from "./dialect.js";

/**
 * The memory that the sessions of a server may hold for their peers together (rules 26). Past twice the limit the session
 * that holds most is ended, and the next one if that was not enough.
 */
export function createBudget(limitBytes: number, engines: () => Iterable<Engine>): BufferBudget {
  const budget = new BufferBudget(limitBytes, () => {
    // The session that overran the limit is in the middle of something, and may be the one to end.
    process.nextTick(() => {
      if (budget.usedBytes > 2 * limitBytes) failLargest(engines());
    });
  });
  return budget;
}

function failLargest(engines: Iterable<Engine>): void {
  let largest: Engine | undefined;
  let largestBytes = -1;
  for (const engine of engines) {
    if (engine.heldBytes <= largestBytes) continue;
    largest = engine;
    largestBytes = engine.heldBytes;
  }
  largest?.fail(4002, "too much is waiting for this session");
}
