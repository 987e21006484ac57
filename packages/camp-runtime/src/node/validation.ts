import { after } from "./after.js";
import type { ClockSource } from "./assemble.js";
import type { SessionId } from "./dialect.js";

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

/** Decides who may open a session. */
export interface TokenValidator {
  /**
   * Exactly `true` admits the client; anything else answers 401, an error or no result within `validateTimeoutMs` 500.
   * @param token the bearer token as the client sent it
   */
  validate(token: string, context: ValidationContext): boolean | Promise<boolean>;
}

/** What came of asking. "abandoned": nobody waits for the answer any more. */
export type Verdict =
  | { readonly is: "accepted" }
  | { readonly is: "rejected" }
  | { readonly is: "abandoned" }
  | { readonly is: "failed"; readonly error: unknown };

/** Asks the validator and settles with its answer, its failure, the end of its time or of `over`, whatever comes first. */
export async function validate(
  validator: TokenValidator,
  token: string,
  client: Omit<ValidationContext, "signal">,
  { deadlines, timeoutMs, over }: { deadlines: ClockSource; timeoutMs: number; over: AbortSignal },
): Promise<Verdict> {
  const cut = new AbortController();
  const interruption = new Promise<Verdict>((resolve) => {
    cut.signal.addEventListener("abort", () => {
      resolve(over.aborted ? { is: "abandoned" } : { is: "failed", error: cut.signal.reason });
    });
  });
  const abandon = () => cut.abort(new Error("nobody waits for the answer any more"));
  const stopTimer = after(deadlines, timeoutMs, () => cut.abort(new Error(`no answer within ${timeoutMs} ms`)));
  over.addEventListener("abort", abandon, { once: true });
  try {
    return await Promise.race([ask(validator, token, { ...client, signal: cut.signal }), interruption]);
  } finally {
    stopTimer();
    over.removeEventListener("abort", abandon);
  }
}

async function ask(validator: TokenValidator, token: string, context: ValidationContext): Promise<Verdict> {
  try {
    return { is: (await validator.validate(token, context)) === true ? "accepted" : "rejected" };
  } catch (error) {
    return { is: "failed", error };
  }
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
