import type { BackoffPolicy } from "./backoff.js";
import {
  type Column,
  column,
  describe,
  group,
  integer,
  milliseconds,
  OptionsError,
  object,
  optional,
} from "./options.js";

type Texts = Readonly<Record<string, string>>;

/** How a client gets back what it lost. */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt; each further delay is up to twice as long. Default 500. */
  readonly minDelayMs?: number;
  /** The longest delay in milliseconds, unless the server asks for more. Default 15 000. */
  readonly maxDelayMs?: number;
  /** Attempts in a row before the session is `closed`. Default 10. Begins anew once a connection has held for 10 s. */
  readonly maxAttempts?: number;
}

/** When to connect again. A single delay brings the other along. */
const backoff: Column<BackoffPolicy> = group(
  {
    minDelayMs: optional(milliseconds(500)),
    maxDelayMs: optional(milliseconds(15_000)),
    maxAttempts: integer(10, "attempts", 1),
  },
  ({ minDelayMs: min, maxDelayMs: max, maxAttempts }, option) => {
    const policy = {
      minDelayMs: min ?? Math.min(500, max ?? 500),
      maxDelayMs: max ?? Math.max(15_000, min ?? 0),
      maxAttempts,
    };
    if (policy.minDelayMs <= policy.maxDelayMs) return policy;
    throw new OptionsError(`${option}.minDelayMs`, `must not exceed maxDelayMs, but ${min} exceeds ${max}`);
  },
);

/** The rows that clients of every platform and dialect share. */
export const connectColumns = {
  timeout: milliseconds(5000),
  signal: object<AbortSignal>("an AbortSignal", (value) => "aborted" in value && "addEventListener" in value),
  query: column<Texts>({}, toTexts),
};

/** Whether and how a lost connection is replaced. */
export const reconnectColumn: Column<BackoffPolicy | false> = {
  absent: backoff.absent,
  check: (value, option) => (value === false ? false : backoff.check(value, option)),
};

/** An object of strings. @throws {OptionsError} for anything else */
export function toTexts(value: unknown, option: string): Texts {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OptionsError(option, `must be an object of strings, not ${describe(value)}`);
  }
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string")
      throw new OptionsError(`${option}.${name}`, `must be a string, not ${describe(text)}`);
  }
  return { ...value };
}
