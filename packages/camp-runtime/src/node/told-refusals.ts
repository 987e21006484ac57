import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusal } from "./refusal.js";

/** Refusals that pages have not asked about yet. Stops those who are refused in masses and never ask. */
const toldMax = 1024;

/**
 * Why pages were refused, for them to ask. Browsers keep the answer to an upgrade from their pages, so a page asks the same address
 * once more over plain HTTP, and is told what the upgrade was told: nothing is looked up or validated again, and who does not
 * know the session id and the token of that upgrade learns nothing.
 */
export class ToldRefusals {
  readonly #origins: ReadonlySet<string> | undefined;
  /** By a hash of the whole address, which carries the token. */
  readonly #refusals = new Map<string, Refusal>();

  /** @param origins those whose pages may connect; undefined lets all of them */
  constructor(origins: ReadonlySet<string> | undefined) {
    this.#origins = origins;
  }

  /** An upgrade begins: the latest answer counts. */
  begin(message: IncomingMessage): void {
    if (this.#refusals.size > 0) this.#refusals.delete(keyOf(message));
  }

  refused(message: IncomingMessage, refusal: Refusal): void {
    if (!this.#mayKnow(message.headers.origin)) return;
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size >= toldMax) this.#refusals.delete(oldest!);
    this.#refusals.set(keyOf(message), refusal);
  }

  /** Answers a page that asks why it was refused; returns false, and does nothing, for every other request. */
  answer(message: IncomingMessage, response: ServerResponse): boolean {
    const key = this.#refusals.size > 0 && message.method === "GET" ? keyOf(message) : "";
    const refusal = this.#refusals.get(key);
    if (refusal === undefined) return false;
    this.#refusals.delete(key);
    const { origin } = message.headers;
    message.resume();
    response.writeHead(refusal.status, {
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "no-store",
      Vary: "Origin",
      // A page of this very server sends no origin, and needs no leave.
      ...(this.#mayKnow(origin) && {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
      }),
      ...refusal.headers,
    });
    response.end(`${refusal.advice}\n`);
    return true;
  }

  #mayKnow(origin: string | undefined): origin is string {
    return origin !== undefined && this.#origins?.has(origin) !== false;
  }
}

function keyOf(message: IncomingMessage): string {
  return createHash("sha256")
    .update(message.url ?? "")
    .digest("base64");
}
