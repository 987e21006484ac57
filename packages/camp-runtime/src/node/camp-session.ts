import { randomBytes } from "node:crypto";
import { decode, inspect, redact } from "camp-protocol";
import { BaseNamespace, type EndSignal, type SessionPair } from "camp-runtime";
import { CampSession } from "camp-session";
import { assemble, type NodeSessionConfig } from "./assemble.js";
import type { FrameView } from "./diagnostics.js";
import { NodeSession, type SessionOrigin } from "./node-session.js";
import { payloadKeeper } from "./payload-keeper.js";
import type { CampSessionEvents } from "./session-events.js";
import { TransactionNamespace } from "./transaction-namespace.js";

/** One end of a CAMP session. Servers and clients make them; users get them. */
export class CampNodeSession extends NodeSession<bigint, CampSessionEvents> {
  /** Messages. */
  readonly base: BaseNamespace;
  readonly #campEngine: CampSession;
  readonly #end: EndSignal;
  /** Made when it is first asked for: most sessions never have a stream. */
  #transaction: TransactionNamespace | null = null;

  constructor(engine: CampSession, end: EndSignal, origin: SessionOrigin) {
    super(engine, origin);
    this.base = new BaseNamespace(engine);
    this.#campEngine = engine;
    this.#end = end;
  }

  /** Streams. */
  get transaction(): TransactionNamespace {
    this.#transaction ??= new TransactionNamespace(this.#campEngine, this.#end, this);
    return this.#transaction;
  }

  /** Tells CAMP sessions from Cryo sessions on a server that has both. */
  get dialect(): "camp" {
    return "camp";
  }
}

/** A CAMP session and its engine. */
export type CampSessionPair<Session extends CampNodeSession = CampNodeSession> = SessionPair<Session, CampSession>;

/** What makes up a CAMP session on Node. */
export interface CampNodeSessionConfig<Session> extends NodeSessionConfig<Session, bigint> {
  /** How long the session waits for the other end after a cut, in milliseconds; 0 or absent: it ends with its connection. */
  readonly resumeWindowMs?: number;
}

/** Makes a session without a connection; `engine.attach` gives it one. */
export function createCampSession(config: CampNodeSessionConfig<CampNodeSession>): CampSessionPair {
  return assembleCampSession(config, (engine, end) => new CampNodeSession(engine, end, config));
}

/** The same for sessions that can do more. */
export function assembleCampSession<Session extends CampNodeSession>(
  config: CampNodeSessionConfig<Session>,
  createSession: (engine: CampSession, end: EndSignal) => Session,
): CampSessionPair<Session> {
  const windowMs = config.resumeWindowMs ?? 0;
  const resume = windowMs === 0 ? undefined : { windowMs, randomBytes };
  const keepPayload = payloadKeeper(config.role);
  return assemble(config, {
    view: campFrames,
    createEngine: (link) =>
      new CampSession(Object.assign(link, { resume, id: config.id, allocate: Buffer.allocUnsafeSlow, keepPayload })),
    createSession,
  });
}

const campFrames: FrameView = {
  describeFrame: (frame) => inspect(decode(frame)),
  redactFrame: redact,
};
