import { decode, inspect } from "camp-protocol";
import { BaseNamespace, type EndSignal, type SessionPair } from "camp-runtime";
import { CampSession } from "camp-session";
import { assemble, type NodeSessionConfig } from "./assemble.js";
import { NodeSession, type SessionOrigin } from "./node-session.js";
import type { CampSessionEvents } from "./session-events.js";
import { TransactionNamespace } from "./transaction-namespace.js";

/** One end of a CAMP session. Servers and clients make them; users get them. */
export class CampNodeSession extends NodeSession<bigint, CampSessionEvents> {
  /** Messages. */
  readonly base: BaseNamespace;
  /** Streams. */
  readonly transaction: TransactionNamespace;

  constructor(engine: CampSession, end: EndSignal, origin: SessionOrigin) {
    super(engine, origin);
    this.base = new BaseNamespace(engine);
    this.transaction = new TransactionNamespace(engine, end, this);
  }

  /** Tells CAMP sessions from Cryo sessions on a server that has both. */
  get dialect(): "camp" {
    return "camp";
  }
}

/** A CAMP session and its engine. */
export type CampSessionPair<Session extends CampNodeSession = CampNodeSession> = SessionPair<Session, CampSession>;

/** Makes a session without a connection; `engine.attach` gives it one. */
export function createCampSession(config: NodeSessionConfig<CampNodeSession, bigint>): CampSessionPair {
  return assembleCampSession(config, (engine, end) => new CampNodeSession(engine, end, config));
}

/** The same for sessions that can do more. */
export function assembleCampSession<Session extends CampNodeSession>(
  config: NodeSessionConfig<Session, bigint>,
  createSession: (engine: CampSession, end: EndSignal) => Session,
): CampSessionPair<Session> {
  return assemble(config, {
    describeFrame,
    createEngine: (link) => new CampSession({ ...link, id: config.id, allocate: Buffer.allocUnsafeSlow }),
    createSession,
  });
}

function describeFrame(frame: Uint8Array): string {
  return inspect(decode(frame));
}
