import { ReplayError } from "./replay-error.js";
import type { Action, Script } from "./script.js";

/** What goes otherwise than it was recorded, from a step of the recorded row on (from 0). */
export type Fault =
  /** The connection breaks right before the step; what the peer said on it from there on is lost. */
  | { readonly at: number; readonly kind: "cut" }
  /** As a cut, but nobody is told of it. */
  | { readonly at: number; readonly kind: "stall" }
  /** Everything that comes over the network comes so much later. */
  | { readonly at: number; readonly kind: "delay"; readonly ms: number }
  /** The frame that arrives at this step is another, or null: it never comes. The function gets a copy. */
  | { readonly at: number; readonly kind: "change"; readonly change: (frame: Uint8Array) => Uint8Array | null };

/**
 * A script in which something goes otherwise, and what follows with it. The application goes on as it did, and so does the peer,
 * as far as its connection stands.
 *
 * @throws {RangeError} for a delay that is none
 * @throws {ReplayError} if nothing happens at or after this step, or if no frame arrives at the step of a "change"
 */
export function fork(script: Script, fault: Fault): Script {
  if (fault.kind === "delay" && !(fault.ms >= 0 && Number.isFinite(fault.ms))) {
    throw new RangeError("a delay is a number of milliseconds from 0");
  }
  const first = script.actions.findIndex(({ step }) => step >= fault.at);
  if (first < 0) throw new ReplayError(`nothing happens at step ${fault.at} or after it`);
  const [before, after] = [script.actions.slice(0, first), script.actions.slice(first)];
  return { ...script, actions: [...before, ...faulty(after, fault)] };
}

function faulty(actions: readonly Action[], fault: Fault): readonly Action[] {
  switch (fault.kind) {
    case "cut":
      return [cut(actions[0]!), ...withoutConnection(actions)];
    case "stall":
      return withoutConnection(actions);
    case "delay":
      return delayed(actions, fault.ms);
    case "change":
      return changed(actions, fault);
  }
}

/** What is left when a connection is lost: what the application does, and the connections that follow. */
function withoutConnection(actions: readonly Action[]): readonly Action[] {
  const next = actions.findIndex(({ what }) => what === "a connection" || what === "the client comes back");
  return actions.filter(({ by }, index) => by === "application" || (next >= 0 && index >= next));
}

function cut({ step, atMs }: Action): Action {
  return { step, atMs, by: "network", what: "cut", run: (stage) => stage.lose(1006, "") };
}

/** In the order of the times that come of it; what comes at the same time stays in order. */
function delayed(actions: readonly Action[], ms: number): readonly Action[] {
  return actions
    .map((action) => (action.by === "network" ? { ...action, atMs: action.atMs + ms } : action))
    .sort((left, right) => left.atMs - right.atMs);
}

function changed(actions: readonly Action[], { at, change }: Extract<Fault, { kind: "change" }>): readonly Action[] {
  const index = actions.findIndex(({ step, frame }) => step === at && frame !== undefined);
  if (index < 0) throw new ReplayError(`no frame arrives at step ${at}`);
  const action = actions[index]!;
  const frame = change(action.frame!.slice());
  return frame === null ? actions.toSpliced(index, 1) : actions.with(index, { ...action, frame });
}
