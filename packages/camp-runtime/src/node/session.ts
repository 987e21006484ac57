import { type BufferBudget, CampSession, type Clock, type SessionSettings } from "camp-session";
import { BaseNamespace } from "./base-namespace.js";
import { SessionFrameTrace } from "./diagnostics.js";
import { EndSignal } from "./end-signal.js";
import { NodeSession, type SessionOrigin } from "./node-session.js";
import { type CampSessionEvents, EventRelay, type SessionOwner } from "./session-events.js";
import { TransactionNamespace } from "./transaction-namespace.js";

/** Where a session's time comes from: one timer serves all sessions. */
export interface ClockSource {
  clockFor(tick: () => void): Clock & { dispose(): void };
}

/** All that makes up a session on Node. */
export interface NodeSessionConfig<Session = CampNodeSession> extends SessionOrigin, SessionOwner<Session> {
  readonly id: bigint;
  /** Decides who pings first and who sends BYE on a version mismatch. */
  readonly role: "client" | "server";
  readonly settings: SessionSettings;
  readonly deadlines: ClockSource;
  /** True: a lost connection is `disconnected`, and a new one may be attached. */
  readonly reconnects: boolean;
  /** 0 to 1: where in the interval this session's heartbeats lie. */
  readonly phase: number;
  /** Shared by the sessions of a server. */
  readonly budget?: BufferBudget;
}

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
}

/** A session and the engine that a transport drives. */
export interface CampSessionPair<Session extends CampNodeSession = CampNodeSession> {
  readonly session: Session;
  readonly engine: CampSession;
}

/** Makes a session without a connection; `engine.attach` gives it one. */
export function createCampSession(config: NodeSessionConfig): CampSessionPair {
  return assemble(config, (engine, end) => new CampNodeSession(engine, end, config));
}

/** Puts engine and session together. They need each other, so the engine asks for its session when it first has news. */
export function assemble<Session extends CampNodeSession>(
  config: NodeSessionConfig<Session>,
  createSession: (engine: CampSession, end: EndSignal) => Session,
): CampSessionPair<Session> {
  const end = new EndSignal();
  const clock = config.deadlines.clockFor(() => engine.tick());
  const current = () => session;
  const engine: CampSession = new CampSession({
    id: config.id,
    role: config.role,
    settings: config.settings,
    reconnects: config.reconnects,
    phase: config.phase,
    ...(config.budget && { budget: config.budget }),
    clock,
    events: new EventRelay(config.id, current, config, end),
    hooks: config.extensions.hooksFor(current),
    trace: new SessionFrameTrace(config.id),
    allocate: Buffer.allocUnsafeSlow,
  });
  const session = createSession(engine, end);
  return { session, engine };
}
