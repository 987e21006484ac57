import { type EndSignal, expectString, TokenRenewals } from "camp-runtime";
import type { CampSession } from "camp-session";
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
  const extensions = clientExtensions<CampClientSession>();
  const renewals = new TokenRenewals(config.nextToken, {
    expiring: (remainingMs) => publish(pair.session, "token-expiring", remainingMs),
    failed: (error) => publish(pair.session, "error", error),
  });
  const owner = { ...config, extensions, ...renewals.ownerWith(config.lifecycle) };
  const pair = assembleCampSession<CampClientSession>(owner, (engine, end) => {
    renewals.serve(engine);
    return new CampClientSession(engine, end, config, extensions, renewals);
  });
  return pair;
}
