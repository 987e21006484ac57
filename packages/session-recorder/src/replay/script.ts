import type { Stage, StageOptions } from "./stage.js";

/** Something that is done to a session from outside, at a time. */
export interface Action {
  /** The step of the recorded row that it belongs to, from 0. */
  readonly step: number;
  /** Milliseconds since the recording began. */
  readonly atMs: number;
  /** What the peer and the network do, and what the application asks. */
  readonly by: "network" | "application";
  /** In a few words. */
  readonly what: string;
  /** The frame that arrives, of actions that are one. */
  readonly frame?: Uint8Array;
  /** @internal */
  readonly run: (stage: Stage, frame: Uint8Array) => void;
}

/** A row as a play: what its session is, and everything that is done to it. Played, it gives the row again. */
export interface Script {
  readonly options: StageOptions;
  readonly actions: readonly Action[];
}

/** An action that has no place yet. */
export type Doing = Omit<Action, "step" | "atMs">;

/** A frame of the peer arrives. */
export function arrival(what: string, frame: Uint8Array): Doing {
  return { by: "network", what, frame, run: (stage, changed) => stage.receive(changed) };
}

/** The application asks for something. */
export function asked(what: string, run: Action["run"]): Doing {
  return { by: "application", what, run };
}

/** Something happens to the connection. */
export function network(what: string, run: Action["run"]): Doing {
  return { by: "network", what, run };
}
