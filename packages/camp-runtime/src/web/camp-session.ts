import {
  BaseNamespace,
  type CampSessionEvents,
  type EndSignal,
  type Extension,
  Extensions,
  expectString,
  type SessionConfig,
  type SessionPair,
  TokenRenewals,
  TransactionNamespace,
} from "camp-runtime";
import { CampSession } from "camp-session";
import { CAMPReadable, incomingOf } from "./readable.js";
import { assemble, type SessionInfo, WebSession } from "./session.js";
import { type SourceInput, sourceOf, spool } from "./sources.js";

/** An extension of a client: owner and session are the same. */
export type CampClientExtension = Extension<CampClientSession, CampClientSession>;

/** A client's end of a CAMP session in a browser. */
export class CampClientSession extends WebSession<bigint, CampSessionEvents> {
  /** Messages. */
  readonly base: BaseNamespace;
  /** Streams. */
  readonly transaction: TransactionNamespace<SourceInput, CAMPReadable>;
  readonly #extensions: Extensions<CampClientSession, CampClientSession>;
  readonly #renewals: TokenRenewals;

  constructor(
    engine: CampSession,
    end: EndSignal,
    info: SessionInfo,
    extensions: Extensions<CampClientSession, CampClientSession>,
    renewals: TokenRenewals,
  ) {
    super(engine, info);
    this.base = new BaseNamespace(engine);
    this.transaction = new TransactionNamespace(engine, end, {
      sourceOf,
      spool,
      createReader: (incoming) => new CAMPReadable(incoming),
      incomingOf,
      reportFailure: (error) => this.fail(error),
    });
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
export interface CampSessionConfig extends Omit<SessionConfig<CampClientSession, bigint>, "extensions" | "deadlines"> {
  /** How long the session waits to be resumed after a cut, in milliseconds; 0: every connection begins anew. */
  readonly resumeWindowMs: number;
  /** Gives the next token when the present one is about to end; null if there is no other. */
  readonly nextToken: (() => string | Promise<string>) | null;
}

/** Makes a client's session; hooks that fail are its event `extension-error`. */
export function createCampClientSession(
  config: CampSessionConfig,
  info: SessionInfo,
): SessionPair<CampClientSession, CampSession> {
  const { id, resumeWindowMs: windowMs } = config;
  const extensions = new Extensions<CampClientSession, CampClientSession>(
    (extension, error, session) => session.emit("extension-error", extension, error),
    (bytes) => bytes,
  );
  const renewals = new TokenRenewals(config.nextToken, {
    expiring: (remainingMs) => pair.session.emit("token-expiring", remainingMs),
    failed: (error) => pair.session.fail(error),
  });
  const resume = windowMs === 0 ? {} : { resume: { windowMs, randomBytes } };
  const pair = assemble<CampClientSession, CampSession, Uint8Array>(
    { ...config, extensions, ...renewals.ownerWith(config.lifecycle) },
    {
      createEngine: (link) => new CampSession({ ...link, ...resume, id }),
      createSession: (engine, end) => {
        renewals.serve(engine);
        return new CampClientSession(engine, end, info, extensions, renewals);
      },
    },
    (bytes) => bytes,
  );
  return pair;
}

function randomBytes(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
