import { TokenState } from "camp-protocol";
import type { ClockSource } from "camp-runtime";
import type { SessionEngine } from "camp-session";
import { after } from "./after.js";
import { Ending } from "./ending.js";
import type { Grant } from "./validation.js";

/** What a term does to its session, and asks of the server. */
export interface TokenTermWorld {
  readonly engine: Pick<SessionEngine, "tellToken" | "close" | "fail">;
  readonly deadlines: ClockSource;
  /** The session's own clock face: milliseconds since 1970. */
  now(): number;
  /** What the validator says of a token; null if it refuses. Rejects never. */
  judge(token: string, asker: Ending): Promise<Grant | null>;
  /** The token ends in so many milliseconds. */
  expiring(remainingMs: number): void;
}

/** How long before its end a client hears of it, unless half of the token's life is shorter. */
const noticeMs = 30_000;

/** Tokens offered at a time. Stops a client from keeping the validator busy. */
const waitingMax = 8;

/**
 * The life of a session's token on the server (docs/protocol-extensions.md, bit 34): the client is told when it is about to end,
 * may offer another one of the same owner, and is closed with 4001 when it has not.
 */
export class TokenTerm {
  readonly #world: TokenTermWorld;
  readonly #ending = new Ending();
  #grant: Grant;
  #waiting = 0;
  #judged: Promise<void> = Promise.resolve();
  #stopTimer = (): void => {};

  constructor(grant: Grant, world: TokenTermWorld) {
    this.#grant = grant;
    this.#world = world;
    this.#start();
  }

  /** The client offers another token. Each is judged and answered after those before it. */
  async offered(token: string): Promise<void> {
    if (this.#waiting >= waitingMax) {
      this.#world.engine.fail(4001, "offers tokens faster than they are judged");
      return;
    }
    this.#waiting++;
    this.#judged = this.#judged.then(() => this.#judge(token));
    await this.#judged;
    this.#waiting--;
  }

  async #judge(token: string): Promise<void> {
    const grant = await this.#world.judge(token, this.#ending);
    if (this.#ending.over) return;
    const accepted = grant !== null && Object.is(grant.identity, this.#grant.identity) && this.#isAlive(grant);
    if (accepted) {
      this.#grant = grant;
      this.#start();
    }
    this.#world.engine.tellToken?.(accepted ? TokenState.accepted : TokenState.refused, this.#remainingMs);
  }

  /** The client came back, and its upgrade was granted with this token. */
  returned(grant: Grant): void {
    this.#grant = grant;
    this.#start();
  }

  /** The session has ended. */
  stop(): void {
    this.#ending.end();
    this.#stopTimer();
  }

  get #remainingMs(): number {
    return this.#grant.expiresAtMs - this.#world.now();
  }

  /** A token that has ended already is none. */
  #isAlive({ expiresAtMs }: Grant): boolean {
    return expiresAtMs > this.#world.now();
  }

  #start(): void {
    this.#stopTimer();
    const remainingMs = this.#remainingMs;
    if (remainingMs === Number.POSITIVE_INFINITY) return;
    const beforeMs = Math.min(noticeMs, remainingMs / 2);
    this.#stopTimer = after(this.#world.deadlines, remainingMs - beforeMs, () => this.#notify());
  }

  #notify(): void {
    const { engine, deadlines } = this.#world;
    const remainingMs = Math.max(0, this.#remainingMs);
    engine.tellToken?.(TokenState.expiring, remainingMs);
    this.#world.expiring(remainingMs);
    this.#stopTimer = after(deadlines, remainingMs, () => void engine.close("the token has expired", 4001));
  }
}
