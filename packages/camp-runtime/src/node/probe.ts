import type { ClockSource } from "camp-runtime";
import { after } from "./after.js";
import type { Engine } from "./dialect.js";

/** How long a session may take to show that it lives. */
const probeMs = 2_000;

/**
 * Pings a session and cuts it off if it shows no life: not one byte from it, and none of what had been waiting for it has left.
 * What was sent after the question proves nothing, since the system takes it in the peer's stead.
 *
 * @param done called when the question is answered either way
 * @returns stops waiting for the answer
 */
export function probe(engine: Engine, deadlines: ClockSource, done: () => void): () => void {
  const before = engine.aliveMarks;
  engine.probe();
  return after(deadlines, probeMs, () => {
    done();
    const now = engine.aliveMarks;
    const heard = now.receivedBytes > before.receivedBytes;
    const shrank = before.bufferedBytes > 0 && now.flushedBytes > before.flushedBytes;
    if (!heard && !shrank) engine.cutOff("no sign of life");
  });
}
