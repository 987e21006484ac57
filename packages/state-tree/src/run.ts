/**
 * Overrides what two scalars (numbers, strings, booleans, functions) come to, at any depth and in cascades too. Undefined
 * leaves the pair to the table.
 */
export type Rules = (a: unknown, b: unknown) => unknown;

/** How values are combined. */
export interface Settings {
  readonly rules?: Rules | undefined;
  /** Handlers that one message may set off, itself included. */
  readonly cascadeLimit: number;
  /** Whether what handlers return is frozen, as everything in a tree is. */
  readonly freezes: boolean;
}

export const defaultSettings: Settings = { cascadeLimit: 1000, freezes: false };

/** One combination under way: its settings, and how far its cascade has come. */
export interface Run extends Settings {
  handlersRun: number;
  /** The handlers that led to what is being combined. */
  chain: Chain | null;
}

/** A handler and the one whose message set it off. */
export interface Chain {
  readonly handler: string;
  readonly before: Chain | null;
}

/** Where in a value something is: a key, and where its object is. */
export interface Path {
  readonly key: string;
  readonly above: Path | null;
}

/** The names of a chain, the first handler first. */
export function namesOf(chain: Chain | null): string[] {
  const names: string[] = [];
  for (let at = chain; at !== null; at = at.before) names.push(at.handler);
  return names.reverse();
}
