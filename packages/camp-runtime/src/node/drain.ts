import { delay, type TimerHost } from "camp-runtime";
import type { Engine } from "./dialect.js";

/** How often a server that drains looks at its busy sessions: one timer for all of them, and only then. */
const lookMs = 20;

/** The close code of a server that goes away for now: its clients come back, to this server or to another. */
const goingAway = 1001;

/**
 * Closes each session as soon as nothing of it is under way, neither a stream nor a message that waits or is not acknowledged,
 * and all that are left after `deadlineMs` or once `over` is aborted. Resolves when all have ended.
 */
export async function closeWhenQuiet(
  engines: Iterable<Engine>,
  { timers, deadlineMs, over }: { timers: TimerHost; deadlineMs: number; over: AbortSignal },
): Promise<void> {
  const busy = new Set(engines);
  const closing: Promise<void>[] = [];
  const endMs = timers.now() + deadlineMs;
  for (;;) {
    const time = over.aborted || timers.now() >= endMs ? "over" : "left";
    for (const engine of busy) {
      if (time === "left" && !isQuiet(engine)) continue;
      busy.delete(engine);
      closing.push(engine.close("the server restarts", goingAway));
    }
    if (busy.size === 0) break;
    await delay(lookMs, timers, over).catch(() => {}); // aborted: seen above
  }
  await Promise.all(closing);
}

/** A session that waits for its client need not be waited for: the client is not let in any more. */
function isQuiet({ state, stats }: Engine): boolean {
  if (state === "disconnected") return true;
  return stats.openStreams === 0 && stats.unackedFrames === 0 && stats.queuedFrames === 0;
}
