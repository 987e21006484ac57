import { TokenState } from "camp-protocol";
import { CampError, type CampSession } from "camp-session";

interface Waiting {
  resolve(accepted: boolean): void;
  reject(error: Error): void;
}

/** The tokens that a client offered for its session and of which it has not heard yet: answers come in order. */
export class TokenRenewals {
  readonly #engine: Pick<CampSession, "offerToken">;
  #waiting: Waiting[] = [];

  constructor(engine: Pick<CampSession, "offerToken">) {
    this.#engine = engine;
  }

  offer(token: string): Promise<boolean> {
    const promise = new Promise<boolean>((resolve, reject) => {
      if (this.#engine.offerToken(token)) this.#waiting.push({ resolve, reject });
      else reject(new CampError("NO_TOKENS", "the server takes no new token now; reconnect with it instead"));
    });
    promise.catch(() => {}); // who does not wait for the answer need not hear of it
    return promise;
  }

  answered(state: TokenState): void {
    this.#waiting.shift()?.resolve(state === TokenState.accepted);
  }

  /** Whether the server took them nobody knows. */
  fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
