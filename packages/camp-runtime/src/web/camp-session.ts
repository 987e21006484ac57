import {
  BaseNamespace,
  type CampSessionEvents,
  type EndSignal,
  type Extension,
  Extensions,
  type SessionConfig,
  type SessionPair,
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

  constructor(
    engine: CampSession,
    end: EndSignal,
    info: SessionInfo,
    extensions: Extensions<CampClientSession, CampClientSession>,
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

/** Makes a client's session; hooks that fail are its event `extension-error`. */
export function createCampClientSession(
  config: Omit<SessionConfig<CampClientSession, bigint>, "extensions">,
  info: SessionInfo,
): SessionPair<CampClientSession, CampSession> {
  const extensions = new Extensions<CampClientSession, CampClientSession>(
    (extension, error, session) => session.emit("extension-error", extension, error),
    (bytes) => bytes,
  );
  return assemble<CampClientSession, CampSession, Uint8Array>(
    { ...config, extensions },
    {
      createEngine: (link) => new CampSession({ ...link, id: config.id }),
      createSession: (engine, end) => new CampClientSession(engine, end, info, extensions),
    },
    (bytes) => bytes,
  );
}
