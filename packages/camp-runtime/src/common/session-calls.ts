import type { SessionEngine } from "camp-session";
import { expectOptions, expectSignal, expectString } from "./arguments.js";

/** Where a session stands. */
export type SessionState = SessionEngine["state"];

/** What `Close` takes besides the reason. */
export interface CloseOptions {
  /** 4000, or 4100 to 4999 for what the application means by it. Default 4000. */
  readonly code?: number;
}

/** `drained` of a session, with its arguments checked. */
export function drainedOf(
  engine: SessionEngine,
  options: { readonly signal?: AbortSignal } | undefined,
): Promise<void> {
  expectOptions("options", options);
  expectSignal("options.signal", options?.signal);
  return engine.drained(options);
}

/** `Close` of a session, with its arguments checked. */
export function closeOf(engine: SessionEngine, reason: string, options: CloseOptions | undefined): Promise<void> {
  expectString("reason", reason);
  expectOptions("options", options);
  const code = options?.code ?? 4000;
  if (code !== 4000 && !(Number.isInteger(code) && code >= 4100 && code <= 4999)) {
    throw new RangeError(`options.code must be 4000 or 4100 to 4999, got ${String(code)}`);
  }
  return engine.close(reason, code);
}
