/**
 * What went wrong.
 *
 * - `MISMATCH`: two values that `combine` has no row for, such as a number and an object.
 * - `UNKNOWN_HANDLER`: a message names a handler that its core does not have.
 * - `HANDLER_FAILED`: a handler returned no array; see {@link HandlerError}.
 * - `CASCADE_LIMIT`: messages that handlers answered with messages, without end.
 * - `BAD_ARGUMENT`: an argument that no function here takes: no name, no list, a limit out of range.
 * - `BAD_VALUE`: a value that contains itself or is nested too deep.
 * - `NO_NODE`: a node, number or row that the tree does not have.
 * - `BUSY`: a handler, reducer or summary changed the tree that was waiting for it.
 * - `NOT_JSON`: a value that the text form of a tree cannot hold.
 * - `BAD_TEXT`: a text or list that is not the form of a tree.
 * - `BAD_PATTERN`: a pattern that `validate` does not know.
 */
export type StateTreeErrorCode =
  | "MISMATCH"
  | "UNKNOWN_HANDLER"
  | "HANDLER_FAILED"
  | "CASCADE_LIMIT"
  | "BAD_ARGUMENT"
  | "BAD_VALUE"
  | "NO_NODE"
  | "BUSY"
  | "NOT_JSON"
  | "BAD_TEXT"
  | "BAD_PATTERN";

/** Every error of this package. What handlers, rules and reducers throw passes through as it is. */
export class StateTreeError extends Error {
  override readonly name: string = "StateTreeError";
  readonly code: StateTreeErrorCode;

  constructor(code: StateTreeErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A handler returned something else than an array, which is how a handler says that it failed. The core is unchanged. */
export class HandlerError extends StateTreeError {
  override readonly name = "HandlerError";
  /** The name of the handler. */
  readonly handler: string;
  /** What it returned. */
  readonly returned: unknown;
  /** The handlers that led to it, the first one first, itself last. */
  readonly chain: readonly string[];

  constructor(handler: string, returned: unknown, chain: readonly string[], message: string) {
    super("HANDLER_FAILED", message);
    this.handler = handler;
    this.returned = returned;
    this.chain = chain;
  }
}
