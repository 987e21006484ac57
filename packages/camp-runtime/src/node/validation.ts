import type { ClockSource, SessionId } from "camp-runtime";
import { after } from "./after.js";
import type { Ending } from "./ending.js";

/** Who asks to come in, besides the token. */
export interface ValidationContext {
  /** The id that the client chose for its session. */
  readonly sessionId: SessionId;
  readonly remoteAddress: string | undefined;
  /** The `Origin` header, which browsers send and other clients need not. */
  readonly origin: string | undefined;
  /** The path of the request, without its query. */
  readonly path: string;
  /** Aborted when the answer no longer matters: the client left, the time is up, or the server shuts down. */
  readonly signal: AbortSignal;
}

/** Says yes to a client, and more about it. */
export interface Admittance {
  readonly ok: true;
  /** Whose token it is: a name or whatever the application tells its users apart by. `session.identity` has it. */
  readonly identity?: unknown;
  /** When the token ends, as a Date or in milliseconds since 1970. The session ends with it. Default: never. */
  readonly expiresAt?: Date | number;
}

/** Decides who may open a session. */
export interface TokenValidator {
  /**
   * Exactly `true`, or an object with `ok: true`, admits the client; anything else answers 401, an error or no result within
   * `validateTimeoutMs` 500.
   * @param token the bearer token as the client sent it
   */
  validate(token: string, context: ValidationContext): boolean | Admittance | Promise<boolean | Admittance>;
}

/** What a client was admitted as. */
export interface Grant {
  readonly identity: unknown;
  /** Milliseconds since 1970; Infinity for a token that does not end. */
  readonly expiresAtMs: number;
}

/** What came of asking. "abandoned": nobody waits for the answer any more. */
export type Verdict =
  | { readonly is: "accepted"; readonly grant: Grant }
  | { readonly is: "rejected" }
  | { readonly is: "abandoned" }
  | { readonly is: "failed"; readonly error: unknown };

/** Asks the validator and settles with its answer, its failure, the end of its time or of `asker`, whatever comes first. */
export function validate(
  validator: TokenValidator,
  token: string,
  client: Omit<ValidationContext, "signal">,
  { deadlines, timeoutMs, asker }: { deadlines: ClockSource; timeoutMs: number; asker: Ending },
): Promise<Verdict> {
  return new Promise((resolve) => {
    let settled = false;
    let cutShort: Error | undefined;
    let controller: AbortController | null = null;
    const settle = (verdict: Verdict, reason?: Error) => {
      if (settled) return;
      settled = true;
      stopTimer();
      asker.listener = null;
      resolve(verdict);
      cutShort = reason;
      if (cutShort !== undefined) controller?.abort(cutShort);
    };
    const stopTimer = after(deadlines, timeoutMs, () => {
      const error = new Error(`no answer within ${timeoutMs} ms`);
      settle({ is: "failed", error }, error);
    });
    asker.listener = () => settle({ is: "abandoned" }, new Error("nobody waits for the answer any more"));
    const context: ValidationContext = {
      ...client,
      /** Few validators look at it, and it is dear. */
      get signal() {
        controller ??= new AbortController();
        if (cutShort !== undefined) controller.abort(cutShort);
        return controller.signal;
      },
    };
    void ask(validator, token, context).then(settle);
  });
}

async function ask(validator: TokenValidator, token: string, context: ValidationContext): Promise<Verdict> {
  try {
    const grant = toGrant(await validator.validate(token, context));
    return grant === null ? { is: "rejected" } : { is: "accepted", grant };
  } catch (error) {
    return { is: "failed", error };
  }
}

/** What `true` grants. */
const unlimited: Grant = { identity: undefined, expiresAtMs: Number.POSITIVE_INFINITY };

/** @throws {TypeError} for an `expiresAt` that is no time: the validator is mistaken, and nobody is admitted for ever by mistake */
function toGrant(answer: unknown): Grant | null {
  if (answer === true) return unlimited;
  if (typeof answer !== "object" || answer === null || (answer as Admittance).ok !== true) return null;
  const { identity, expiresAt = Number.POSITIVE_INFINITY } = answer as Admittance;
  const expiresAtMs = Number(expiresAt);
  if (!(typeof expiresAt === "number" || expiresAt instanceof Date) || Number.isNaN(expiresAtMs)) {
    throw new TypeError("expiresAt must be a Date or a number of milliseconds since 1970");
  }
  return { identity, expiresAtMs };
}

/** What a validator threw, fit to be told: such errors like to quote the token. */
export function withoutToken(thrown: unknown, token: string): Error {
  const hide = (text: string) => text.replaceAll(token, "<token>").replaceAll(encodeURIComponent(token), "<token>");
  const { message, stack } = thrown instanceof Error ? thrown : new Error(`threw a ${typeof thrown}`);
  const told = new Error(`validate() failed: ${hide(message)}`);
  const frames = /\n +at .*/s.exec(stack ?? "")?.[0] ?? "";
  told.stack = `${told}${hide(frames)}`;
  return told;
}
