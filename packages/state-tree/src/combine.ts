import { clean } from "./clean.js";
import type { Combined } from "./combined.js";
import { StateTreeError } from "./errors.js";
import { defaultSettings, type Rules, type Settings } from "./run.js";
import { nameOfKind } from "./show.js";
import { step } from "./step.js";

/** Two values to one: `b` acts on `a`. */
export type Reducer = (a: unknown, b: unknown) => unknown;

/** How `combine.with` combines. */
export interface CombineOptions {
  /** Overrides the scalar cases; none by default. */
  readonly rules?: Rules;
  /** Handlers that one message may set off, itself included: an integer from 1, 1000 by default. */
  readonly cascadeLimit?: number;
}

/** `combine`, and what it can do beside. */
export interface Combine {
  <T = unknown>(list: readonly unknown[], rules: Rules): T;
  <T = unknown>(list: readonly unknown[]): T;
  <const A, const B>(a: A, b: B): Combined<A, B>;
  <T = unknown>(a: unknown, b: unknown, c: unknown, ...more: readonly unknown[]): T;
  /** A reducer of two values that combines in its own way; it always takes them as values, never as list and rules. */
  with(options?: CombineOptions): Reducer;
}

/** How the reducers made here combine, so that a tree can spare them what it knows already. */
const settingsOf = new WeakMap<Reducer, Settings>();

/**
 * Combines values from the left: each acts on what those before it came to. Pure: it changes none of them, and its result
 * shares what did not change.
 *
 * `combine(a, b)`, `combine(a, b, c, …)`, `combine(list)` or `combine(list, rules)`; the number of arguments decides, and two
 * that are an array and a function are list and rules. The table of what acts how is in the README.
 *
 * @throws {StateTreeError} `MISMATCH`, `UNKNOWN_HANDLER`, `CASCADE_LIMIT`, `BAD_VALUE`; `BAD_ARGUMENT` if its only argument is
 * no list.
 * @throws {HandlerError} when a handler returns no array. What handlers and rules throw passes through.
 */
export const combine: Combine = Object.assign(combineAll as Combine, { with: reducerWith });
settingsOf.set(combine as Reducer, defaultSettings);

function combineAll(...values: readonly unknown[]): unknown {
  const [first, second] = values;
  if (values.length === 1) return reduced(listOf(first), defaultSettings);
  if (values.length === 2 && Array.isArray(first) && typeof second === "function") {
    return reduced(first, { ...defaultSettings, rules: second as Rules });
  }
  return reduced(values, defaultSettings);
}

function reducerWith({ rules, cascadeLimit = defaultSettings.cascadeLimit }: CombineOptions = {}): Reducer {
  if (rules !== undefined && typeof rules !== "function") {
    throw new StateTreeError("BAD_ARGUMENT", `rules are a function, not ${nameOfKind(rules)}`);
  }
  if (!(Number.isInteger(cascadeLimit) && cascadeLimit >= 1)) {
    throw new StateTreeError("BAD_ARGUMENT", `cascadeLimit is an integer from 1, not ${String(cascadeLimit)}`);
  }
  const settings: Settings = { rules, cascadeLimit, freezes: false };
  const reducer: Reducer = (a, b) => stepped(clean(a), b, settings);
  settingsOf.set(reducer, settings);
  return reducer;
}

/**
 * The reducer for the values of a tree: those made here rely on the residue that comes in being clean, as the tree's residues
 * are, and freeze what handlers return. Others stay as they are.
 */
export function reducerForTree(reducer: Reducer): Reducer {
  const settings = settingsOf.get(reducer);
  if (settings === undefined) return reducer;
  const freezing = { ...settings, freezes: true };
  return (a, b) => stepped(a, b, freezing);
}

function reduced(values: readonly unknown[], settings: Settings): unknown {
  let result: unknown;
  for (const value of values) result = stepped(result, value, settings);
  return result;
}

function stepped(a: unknown, b: unknown, { rules, cascadeLimit, freezes }: Settings): unknown {
  return step(a, b, { rules, cascadeLimit, freezes, handlersRun: 0, chain: null }, null);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new StateTreeError("BAD_ARGUMENT", `combine of one argument takes a list, not ${nameOfKind(value)}`);
}
