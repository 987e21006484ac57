import { BaseNamespace, type EndSignal, type SendOptions, type SessionPair } from "camp-runtime";
import { type CaleConfig, CryoSession, type CryoSessionStats } from "camp-session";
import { decode, inspect, redact } from "cryo-protocol";
import { assemble, type NodeSessionConfig } from "./assemble.js";
import type { FrameView } from "./diagnostics.js";
import { NodeSession, type SessionOrigin } from "./node-session.js";
import { payloadKeeper } from "./payload-keeper.js";
import type { CryoSessionEvents } from "./session-events.js";

/** One end of a Cryo session. Servers and clients make them; users get them. Its id is a UUID in lower case. */
export class CryoNodeSession extends NodeSession<string, CryoSessionEvents> {
  readonly #engine: CryoSession;
  readonly #messages: BaseNamespace;

  constructor(engine: CryoSession, origin: SessionOrigin) {
    super(engine, origin);
    this.#engine = engine;
    this.#messages = new BaseNamespace(engine);
  }

  /** Tells Cryo sessions from CAMP sessions on a server that has both. */
  get dialect(): "cryo" {
    return "cryo";
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

  /**
   * While the session is secure, 32 bytes that both ends have alike unless somebody stands between them: SHA-256 over both
   * public keys of this connection. Compare them over a channel that you trust. Null otherwise. The memory is the caller's.
   */
  get channelBinding(): Uint8Array | null {
    return this.#engine.channelBinding;
  }

  /** Sends a text, as {@link BaseNamespace.SendUTF8} of a CAMP session. */
  SendUTF8(data: string, options?: SendOptions): Promise<boolean> {
    return this.#messages.SendUTF8(data, options);
  }

  /** Sends bytes, as {@link BaseNamespace.SendBinary} of a CAMP session. */
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
}

/** A Cryo session and its engine. */
export type CryoSessionPair<Session extends CryoNodeSession = CryoNodeSession> = SessionPair<Session, CryoSession>;

/** What makes up a Cryo session. */
export interface CryoNodeSessionConfig<Session> extends NodeSessionConfig<Session, string> {
  /** Null: in the clear. */
  readonly cale: CaleConfig | null;
}

/** Makes a session without a connection; `engine.attach` gives it one. */
export function createCryoSession(config: CryoNodeSessionConfig<CryoNodeSession>): CryoSessionPair {
  return assembleCryoSession(config, (engine) => new CryoNodeSession(engine, config));
}

/** The same for sessions that can do more. */
export function assembleCryoSession<Session extends CryoNodeSession>(
  config: CryoNodeSessionConfig<Session>,
  createSession: (engine: CryoSession, end: EndSignal) => Session,
): CryoSessionPair<Session> {
  const { id, cale, role } = config;
  // What is sealed becomes another text for each session.
  const keepPayload = cale === null ? payloadKeeper(role) : undefined;
  return assemble(config, {
    view: cryoFrames,
    createEngine: (link) => new CryoSession(Object.assign(link, { id, cale, keepPayload })),
    createSession,
  });
}

const cryoFrames: FrameView = {
  describeFrame: (frame) => inspect(decode(frame)),
  redactFrame: redact,
};
