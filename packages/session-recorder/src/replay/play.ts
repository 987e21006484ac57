import type { Recorded } from "session-recorder";
import type { Script } from "./script.js";
import { Stage } from "./stage.js";

/** How a script is played. */
export interface PlayOptions {
  /** Milliseconds that pass after the last action; a session that still waits for a connection then is given up. 0: it stays as it is. */
  readonly restMs?: number;
}

/** What became of a session. */
export interface Replay {
  /** Its row is number 1. */
  readonly recorded: Recorded;
  readonly state: string;
  /** What was asked of it and has not settled. */
  readonly unsettled: readonly string[];
}

/** Plays a script with a fresh session on a mock socket, in virtual time. The same script gives the same row, step by step. */
export async function play(script: Script, { restMs = 0 }: PlayOptions = {}): Promise<Replay> {
  const stage = new Stage(script.options);
  for (const { atMs, frame, run } of script.actions) {
    await stage.time.run(Math.max(atMs, stage.time.now()));
    run(stage, frame?.slice() ?? new Uint8Array());
    await stage.settle();
  }
  if (restMs > 0) {
    await stage.time.advance(restMs);
    stage.session.abandon(1006, "nobody came back");
    await stage.settle();
  }
  const unsettled = [...stage.unsettled].map(({ what }) => what);
  return { recorded: stage.recorder, state: stage.session.state, unsettled };
}
