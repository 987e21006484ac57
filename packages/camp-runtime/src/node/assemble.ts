import {
  assemble as assembleSession,
  type SessionConfig,
  type SessionId,
  type SessionPair,
  type SessionParts,
} from "camp-runtime";
import type { SessionEngine } from "camp-session";
import { type FrameView, SessionFrameTrace } from "./diagnostics.js";
import type { SessionOrigin } from "./node-session.js";
import { type AnySession, nodeTeller } from "./session-events.js";

/** All that makes up a session on Node, whatever its dialect. */
export interface NodeSessionConfig<Session, Id extends SessionId = SessionId>
  extends SessionOrigin,
    SessionConfig<Session, Id> {}

/** What a dialect adds to make a session of its own. */
export interface NodeSessionParts<Session, Engine extends SessionEngine> extends SessionParts<Session, Engine> {
  readonly view: FrameView;
}

/** Puts engine and session together, watched by the diagnostics channels. */
export function assemble<Session extends AnySession, Engine extends SessionEngine>(
  config: NodeSessionConfig<Session>,
  parts: NodeSessionParts<Session, Engine>,
): SessionPair<Session, Engine> {
  return assembleSession<Session, Engine, Buffer>(config, parts, {
    teller: nodeTeller,
    traceOf: (session) => new SessionFrameTrace(session, parts.view),
  });
}
