import { TokenState } from "camp-protocol";
import { type EndSignal, expectString, TokenRenewals } from "camp-runtime";
import { type CampSession, ConnectionLostError, SessionClosedError } from "camp-session";
import {
  assembleCampSession,
  CampNodeSession,
  type CampNodeSessionConfig,
  type CampSessionPair,
} from "./camp-session.js";
import { publish } from "./emitter.js";
import { clientExtensions, type Extension, type Extensions } from "./extensions.js";
import type { SessionOrigin } from "./node-session.js";

/** An extension of a client: owner and session are the same. */
export type CampClientExtension = Extension<CampClientSession, CampClientSession>;

/** A client's end of a session, with extensions of its own. */
export class CampClientSession extends CampNodeSession {
  readonly #extensions: Extensions<CampClientSession, CampClientSession>;
  readonly #renewals: TokenRenewals;

  constructor(
    engine: CampSession,
    end: EndSignal,
    origin: SessionOrigin,
    extensions: Extensions<CampClientSession, CampClientSession>,
    renewals: TokenRenewals,
  ) {
    super(engine, end, origin);
    this.#extensions = extensions;
    this.#renewals = renewals;
  }

  /**
   * Gives the server another token for this session, of the same owner, before the present one ends. A client whose token is a
   * function does that by itself. Resolves to whether the server accepted it; rejects with `SessionClosedError` or
   * `ConnectionLostError`, or with code `NO_TOKENS` while not connected and for servers that know nothing of it.
   *
   * @throws {CampProtocolError} (as a rejection) for a token of more than 8192 bytes
   */
  RenewToken(token: string): Promise<boolean> {
    expectString("token", token);
    return this.#renewals.offer(token);
  }

  /** Adds an extension for the messages that begin from now on. @throws TypeError if its name is taken */
  RegisterExtension(extension: CampClientExtension): void {
    this.#extensions.register(extension, this);
  }

  /** Removes an extension, given itself or its name; returns whether it was there. */
  UnregisterExtension(extension: CampClientExtension | string): boolean {
    return this.#extensions.unregister(extension, this);
  }

  GetExtension(name: string): CampClientExtension | null {
    return this.#extensions.get(name);
  }
}

/** What makes up a client's session. */
export interface ClientSessionConfig extends Omit<CampNodeSessionConfig<CampClientSession>, "extensions"> {
  /** Gives the next token when the present one is about to end; null if there is no other. */
  readonly nextToken: (() => string | Promise<string>) | null;
}

/** Makes a client's session; hooks that fail are its event `extension-error`. */
export function createCampClientSession(config: ClientSessionConfig): CampSessionPair<CampClientSession> {
  const { nextToken, lifecycle } = config;
  const extensions = clientExtensions<CampClientSession>();
  let renewals!: TokenRenewals;
  const owner: CampNodeSessionConfig<CampClientSession> = {
    ...config,
    extensions,
    lifecycle: {
      connected: (resumed) => {
        if (!resumed) renewals.fail(new ConnectionLostError("a new token"));
        lifecycle?.connected(resumed);
      },
      disconnected: (code, reason) => lifecycle?.disconnected(code, reason),
      closed: (code, reason) => {
        renewals.fail(new SessionClosedError(code, reason));
        lifecycle?.closed(code, reason);
      },
    },
    tokenState(state, remainingMs) {
      if (state !== TokenState.expiring) {
        renewals.answered(state);
        return;
      }
      publish(pair.session, "token-expiring", remainingMs);
      if (nextToken !== null) void renew(pair.session, nextToken);
    },
  };
  const pair = assembleCampSession(owner, (engine, end) => {
    renewals = new TokenRenewals(engine);
    return new CampClientSession(engine, end, config, extensions, renewals);
  });
  return pair;
}

/** What the user's function fails with, no promise tells. */
async function renew(session: CampClientSession, nextToken: () => string | Promise<string>): Promise<void> {
  try {
    await session.RenewToken(await nextToken());
  } catch (error) {
    publish(
      session,
      "error",
      error instanceof Error ? error : new Error("the token function failed", { cause: error }),
    );
  }
}
