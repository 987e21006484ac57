import { EndSignal } from "camp-runtime";
import type { BufferBudget, Clock, LinkConfig, SessionEngine, SessionSettings } from "camp-session";
import { SessionFrameTrace } from "./diagnostics.js";
import type { SessionId } from "./dialect.js";
import type { SessionOrigin } from "./node-session.js";
import { type AnySession, EventRelay, type SessionOwner } from "./session-events.js";

/** Where a session's time comes from: one timer serves all sessions. */
export interface ClockSource {
  clockFor(tick: () => void): Clock & { dispose(): void };
}

/** All that makes up a session on Node, whatever its dialect. */
export interface NodeSessionConfig<Session, Id extends SessionId = SessionId>
  extends SessionOrigin,
    SessionOwner<Session> {
  readonly id: Id;
  /** Decides who pings first and who begins a handshake. */
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

/** A session and the engine that a transport drives. */
export interface SessionPair<Session, Engine extends SessionEngine = SessionEngine> {
  readonly session: Session;
  readonly engine: Engine;
}

/** What a dialect adds to make a session of its own. */
export interface SessionParts<Session, Engine extends SessionEngine> {
  /** One frame in one line, without any of its content. Throws for bytes that are no frame. */
  describeFrame(frame: Uint8Array): string;
  createEngine(config: LinkConfig): Engine;
  createSession(engine: Engine, end: EndSignal): Session;
}

/** Puts engine and session together. They need each other, so the engine asks for its session when it first has news. */
export function assemble<Session extends AnySession, Engine extends SessionEngine>(
  config: NodeSessionConfig<Session>,
  { describeFrame, createEngine, createSession }: SessionParts<Session, Engine>,
): SessionPair<Session, Engine> {
  const end = new EndSignal();
  const clock = config.deadlines.clockFor(() => engine.tick());
  const current = () => session;
  const engine: Engine = createEngine({
    role: config.role,
    settings: config.settings,
    reconnects: config.reconnects,
    phase: config.phase,
    ...(config.budget && { budget: config.budget }),
    clock,
    events: new EventRelay(config.id, current, config, end),
    hooks: config.extensions.hooksFor(current),
    trace: new SessionFrameTrace(config.id, describeFrame),
  });
  const session: Session = createSession(engine, end);
  return { session, engine };
}
