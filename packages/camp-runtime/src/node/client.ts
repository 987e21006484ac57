import type { IncomingHttpHeaders } from "node:http";
import {
  type Target as CommonTarget,
  connect as connectSession,
  type SessionId,
  type SessionPair,
  type UpgradeAttempt,
} from "camp-runtime";
import type { NodeSessionConfig } from "./assemble.js";
import type { CheckedPeerOptions } from "./client-options.js";
import { type ConnectRequest, type OpenConnection, openConnection } from "./connect.js";
import { publish } from "./emitter.js";
import type { SessionInfo } from "./node-session.js";
import { createDeadlines, nodeTimers } from "./node-time.js";
import type { SharedBySessions } from "./server-dialect.js";
import type { AnySession } from "./session-events.js";
import { withoutSecrets } from "./upgrade-request.js";

/** The deadlines of all clients of this process. */
export const clientDeadlines = createDeadlines();

/** What a server shares with the sessions that it opens to others. */
export interface PeerContext<Session> extends SharedBySessions<Session> {
  /** Gives up the attempt, as the caller's own signal does. */
  readonly signal: AbortSignal;
  /** Runs before the session's user hears of its end. */
  onClosed(session: Session): void;
}

/** Whom to connect to, and how. */
export interface Target<Id extends SessionId> extends CommonTarget<Id> {
  readonly options: CheckedPeerOptions;
}

/** The part of a session's configuration that comes from its connection. */
export type SessionStart<Id extends SessionId> = Pick<
  NodeSessionConfig<unknown, Id>,
  "id" | "role" | "reconnects" | "phase" | "info" | "remoteAddress" | "lifecycle"
>;

/** Connects a session over `ws`; otherwise as {@link connectSession}. */
export async function connect<Id extends SessionId, Pair extends SessionPair<AnySession>>(
  target: Target<Id>,
  create: (start: SessionStart<Id>) => Pair,
): Promise<Pair> {
  const { options } = target;
  const world = {
    timers: nodeTimers,
    random: Math.random,
    secure: false,
    open: (attempt: UpgradeAttempt) => openConnection(requestOf(attempt, options)),
    afterTurn: setImmediate,
  };
  const { pair } = await connectSession<Id, OpenConnection, Pair>(target, world, {
    create: (start, { subprotocol, remoteAddress }, url) =>
      create({ ...start, info: describeRequest(url, options.headers, subprotocol), remoteAddress }),
    tokenFailed: ({ session }, error) => publish(session, "error", error),
  });
  return pair;
}

/** Connects a session from one server to another. It does not reconnect; otherwise as {@link connect}. */
export function connectPeer<Session extends AnySession, Id extends SessionId, Pair extends SessionPair<Session>>(
  { options, ...target }: Omit<Target<Id>, "reconnect">,
  { signal, onClosed, ...shared }: PeerContext<Session>,
  create: (config: NodeSessionConfig<Session, Id>) => Pair,
): Promise<Pair> {
  const signals = options.signal === undefined ? signal : AbortSignal.any([options.signal, signal]);
  return connect({ ...target, options: { ...options, signal: signals }, reconnect: false }, (start) => {
    const pair = create({ ...start, ...shared, type: "peer", onClosed: () => onClosed(pair.session) });
    return pair;
  });
}

/** The token travels where the caller wants it. */
function requestOf(
  { token, messageBytesMax, ...attempt }: UpgradeAttempt,
  { tokenIn, headers, tls, masking }: CheckedPeerOptions,
): ConnectRequest {
  return {
    ...attempt,
    alsoOffered: tokenIn === "subprotocol" ? [`camp.bearer.${Buffer.from(token).toString("base64url")}`] : [],
    headers: tokenIn === "header" ? { ...headers, Authorization: `Bearer ${token}` } : headers,
    tls,
    masking,
    maxPayload: messageBytesMax,
  };
}

/** What a session may remember of its request: the URL is that of the caller, without token and id. */
function describeRequest(
  url: URL,
  headers: Readonly<Record<string, string>>,
  subprotocol: string | undefined,
): SessionInfo {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const known: IncomingHttpHeaders = withoutSecrets(Object.fromEntries(lowerCase));
  return {
    path: url.pathname,
    query: new URLSearchParams(url.searchParams),
    headers: known,
    origin: known.origin,
    subprotocol,
  };
}
