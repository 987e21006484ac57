import {
  BaseNamespace,
  type CryoSessionEvents,
  type Extension,
  Extensions,
  type SendOptions,
  type SessionConfig,
  type SessionPair,
} from "camp-runtime";
import { type CaleConfig, CryoSession, type CryoSessionStats } from "camp-session";
import { CryoBuffer } from "./cryo-buffer.js";
import { assemble, type SessionInfo, WebSession } from "./session.js";

/** An extension of a client: owner and session are the same. */
export type CryoClientExtension = Extension<CryoClientSession, CryoClientSession, CryoBuffer>;

/** A client's end of a Cryo session in a browser. Its id is a UUID in lower case. */
export class CryoClientSession extends WebSession<string, CryoSessionEvents<CryoBuffer>> {
  readonly #engine: CryoSession;
  readonly #messages: BaseNamespace;
  readonly #extensions: Extensions<CryoClientSession, CryoClientSession, CryoBuffer>;

  constructor(
    engine: CryoSession,
    info: SessionInfo,
    extensions: Extensions<CryoClientSession, CryoClientSession, CryoBuffer>,
  ) {
    super(engine, info);
    this.#engine = engine;
    this.#messages = new BaseNamespace(engine);
    this.#extensions = extensions;
  }

  override get stats(): CryoSessionStats {
    return this.#engine.stats;
  }

  /**
   * Whether everything on this connection is encrypted with CALE. On a session that asked for it, what is sent before
   * waits, and nothing that arrives unencrypted is delivered.
   */
  get secure(): boolean {
    return this.#engine.secure;
  }

  /** While the session is secure, 32 bytes that both ends have alike unless somebody stands between them; else null. */
  get channelBinding(): Uint8Array | null {
    return this.#engine.channelBinding;
  }

  /** Sends a text of at most 1 MiB in UTF-8. Resolves to `true` once it was acknowledged, to `false` when a hook stopped it. */
  SendUTF8(data: string, options?: SendOptions): Promise<boolean> {
    return this.#messages.SendUTF8(data, options);
  }

  /** Sends at most 1 MiB of bytes, which may be reused once the call returned. Resolves as {@link SendUTF8}. */
  SendBinary(data: Uint8Array | ArrayBuffer, options?: SendOptions): Promise<boolean> {
    return this.#messages.SendBinary(data, options);
  }

  /** Tells the peer of a fault. Cryo does not acknowledge these: the promise resolves once the frame was handed over. */
  SendError(message: string): Promise<boolean> {
    return this.#messages.SendError(message);
  }

  /** Resolves with the round-trip time in milliseconds; rejects when the connection ends first. */
  SendPing(): Promise<number> {
    return this.#messages.Ping();
  }

  /** Adds an extension for the messages that begin from now on. @throws TypeError if its name is taken */
  RegisterExtension(extension: CryoClientExtension): void {
    this.#extensions.register(extension, this);
  }

  /** Removes an extension, given itself or its name; returns whether it was there. */
  UnregisterExtension(extension: CryoClientExtension | string): boolean {
    return this.#extensions.unregister(extension, this);
  }

  GetExtension(name: string): CryoClientExtension | null {
    return this.#extensions.get(name);
  }
}

/** What makes up a Cryo session. */
export interface CryoSessionConfig extends Omit<SessionConfig<CryoClientSession, string>, "extensions" | "deadlines"> {
  /** Null: in the clear. */
  readonly cale: CaleConfig | null;
}

/** Makes a client's session; hooks that fail are its event `extension-error`. */
export function createCryoClientSession(
  config: CryoSessionConfig,
  info: SessionInfo,
): SessionPair<CryoClientSession, CryoSession> {
  const extensions = new Extensions<CryoClientSession, CryoClientSession, CryoBuffer>(
    (extension, error, session) => session.emit("extension-error", extension, error),
    CryoBuffer.view,
  );
  return assemble<CryoClientSession, CryoSession, CryoBuffer>(
    { ...config, extensions },
    {
      createEngine: (link) => new CryoSession({ ...link, id: config.id, cale: config.cale }),
      createSession: (engine) => new CryoClientSession(engine, info, extensions),
    },
    CryoBuffer.view,
  );
}
