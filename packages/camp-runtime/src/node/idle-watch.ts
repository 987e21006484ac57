import type { ClockSource } from "camp-runtime";
import type { SessionEngine } from "camp-session";
import { after } from "./after.js";

/**
 * Ends a session that neither sends nor receives a message or a stream for `timeoutMs`. Heartbeats are no use of it. The time is
 * sampled, so that it costs nothing per message: the end comes after once to one and a quarter times the timeout.
 *
 * @returns stops watching
 */
export function watchIdle(
  engine: Pick<SessionEngine, "messageCount" | "stats" | "close">,
  deadlines: ClockSource,
  timeoutMs: number,
): () => void {
  let seen = engine.messageCount;
  let idleSamples = 0;
  let stop = (): void => {};
  const sample = () => {
    const used = engine.messageCount !== seen || engine.stats.openStreams > 0;
    seen = engine.messageCount;
    idleSamples = used ? 0 : idleSamples + 1;
    if (idleSamples >= samplesPerTimeout) void engine.close("idle");
    else stop = after(deadlines, timeoutMs / samplesPerTimeout, sample);
  };
  stop = after(deadlines, timeoutMs / samplesPerTimeout, sample);
  return () => stop();
}

const samplesPerTimeout = 4;
