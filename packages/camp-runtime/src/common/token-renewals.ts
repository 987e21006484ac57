import { TokenState } from "camp-protocol";
import { CampError, type CampSession, ConnectionLostError, SessionClosedError } from "camp-session";
import type { SessionLifecycle, SessionOwner } from "./session-events.js";

interface Waiting {
  resolve(accepted: boolean): void;
  reject(error: Error): void;
}

/** Who hears what becomes of a client's tokens. */
export interface TokenListener {
  /** The present token ends in so many milliseconds. */
  expiring(remainingMs: number): void;
  /** A token that nobody asked for could not be offered: no promise tells that. */
  failed(error: Error): void;
}

/** The tokens that a client offered for its session and of which it has not heard yet: answers come in order. */
export class TokenRenewals {
  readonly #next: (() => string | Promise<string>) | null;
  readonly #listener: TokenListener;
  #engine: Pick<CampSession, "offerToken"> | null = null;
  #waiting: Waiting[] = [];

  /** @param next gives the next token when the present one is about to end; null if there is no other */
  constructor(next: (() => string | Promise<string>) | null, listener: TokenListener) {
    this.#next = next;
    this.#listener = listener;
  }

  /** Names the session that tokens are offered for. */
  serve(engine: Pick<CampSession, "offerToken">): void {
    this.#engine = engine;
  }

  offer(token: string): Promise<boolean> {
    const promise = new Promise<boolean>((resolve, reject) => {
      if (this.#engine?.offerToken(token)) this.#waiting.push({ resolve, reject });
      else reject(new CampError("NO_TOKENS", "the server takes no new token now; reconnect with it instead"));
    });
    promise.catch(() => {}); // who does not wait for the answer need not hear of it
    return promise;
  }

  /** The part of a session's owner that hears of tokens: it passes the session's life on to `lifecycle`. */
  ownerWith(
    lifecycle: SessionLifecycle | undefined,
  ): Required<Pick<SessionOwner<unknown>, "lifecycle" | "tokenState">> {
    return {
      lifecycle: {
        connected: (resumed) => {
          if (!resumed) this.#fail(() => new ConnectionLostError("a new token"));
          lifecycle?.connected(resumed);
        },
        disconnected: (code, reason) => lifecycle?.disconnected(code, reason),
        closed: (code, reason) => {
          this.#fail(() => new SessionClosedError(code, reason));
          lifecycle?.closed(code, reason);
        },
      },
      tokenState: (state, remainingMs) => {
        if (state === TokenState.expiring) this.#expiring(remainingMs);
        else this.#waiting.shift()?.resolve(state === TokenState.accepted);
      },
    };
  }

  #expiring(remainingMs: number): void {
    this.#listener.expiring(remainingMs);
    if (this.#next !== null) void this.#renew(this.#next);
  }

  async #renew(next: () => string | Promise<string>): Promise<void> {
    try {
      await this.offer(await next());
    } catch (error) {
      this.#listener.failed(error instanceof Error ? error : new Error("the token function failed", { cause: error }));
    }
  }

  /** Whether the server took them nobody knows. Mostly there are none, and no error needs to be made. */
  #fail(error: () => Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error());
  }
}
