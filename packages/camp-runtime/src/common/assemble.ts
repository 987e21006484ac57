import type {
  BufferBudget,
  Clock,
  FrameTrace,
  LinkConfig,
  SessionEngine,
  SessionSettings,
  SessionStats,
} from "camp-session";
import { EndSignal } from "./end-signal.js";
import { EventRelay, type SessionOwner, type Teller } from "./session-events.js";

/** What names a session: a number in CAMP, a text in other dialects. */
export type SessionId = bigint | string;

/** Where a session's time comes from: one timer serves all sessions. */
export interface ClockSource {
  clockFor(tick: () => void): Clock & { dispose(): void };
}

/** All that makes up a session, whatever its dialect and its platform. */
export interface SessionConfig<Session, Id extends SessionId = SessionId> extends SessionOwner<Session> {
  readonly id: Id;
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
  /** The config may be added to: a copy of it would have a hidden class of its own in every session. */
  createEngine(config: LinkConfig): Engine;
  createSession(engine: Engine, end: EndSignal): Session;
}

/** How a platform watches sessions. */
export interface SessionWorld<Session, Data extends Uint8Array> {
  readonly teller: Teller<Session, Data>;
  /** What watches the frames of a session, which can be asked for once there are any. */
  traceOf(session: () => Session): FrameTrace;
}

/** Puts engine and session together. They need each other, so the engine asks for its session when it first has news. */
export function assemble<
  Session extends { readonly stats: SessionStats },
  Engine extends SessionEngine,
  Data extends Uint8Array,
>(
  config: SessionConfig<Session>,
  { createEngine, createSession }: SessionParts<Session, Engine>,
  { teller, traceOf }: SessionWorld<Session, Data>,
): SessionPair<Session, Engine> {
  const end = new EndSignal();
  const clock = config.deadlines.clockFor(() => engine.tick());
  const current = () => session;
  const engine: Engine = createEngine({
    role: config.role,
    settings: config.settings,
    reconnects: config.reconnects,
    phase: config.phase,
    budget: config.budget,
    clock,
    events: new EventRelay(current, config, end, teller),
    hooks: config.extensions.hooksFor(current),
    trace: traceOf(current),
  });
  const session: Session = createSession(engine, end);
  return { session, engine };
}
