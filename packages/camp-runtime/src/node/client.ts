import type { IncomingHttpHeaders } from "node:http";
import {
  type BackoffPolicy,
  ConnectError,
  type ConnectHost,
  connectWithin,
  expectString,
  parseHost,
  type Reconnectable,
  Reconnector,
} from "camp-runtime";
import type { NodeSessionConfig, SessionPair } from "./assemble.js";
import type { CheckedPeerOptions } from "./client-options.js";
import type { SessionId } from "./dialect.js";
import { publish } from "./emitter.js";
import type { SessionInfo } from "./node-session.js";
import { createDeadlines, nodeTimers } from "./node-time.js";
import { expectTokenSource, Opener, type TokenSource } from "./opener.js";
import type { SharedBySessions } from "./server-dialect.js";
import type { AnySession } from "./session-events.js";
import { withoutSecrets } from "./upgrade-request.js";
import type { UpgradeTerms } from "./upgrade-terms.js";
import type { WsTransport } from "./ws-transport.js";

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
export interface Target<Id extends SessionId> {
  readonly host: string;
  readonly token: TokenSource;
  readonly terms: UpgradeTerms<Id>;
  readonly options: CheckedPeerOptions;
  /** When to replace a lost connection. */
  readonly reconnect: BackoffPolicy | false;
}

/** The part of a session's configuration that comes from its connection. */
export type SessionStart<Id extends SessionId> = Pick<
  NodeSessionConfig<unknown, Id>,
  "id" | "role" | "reconnects" | "phase" | "info" | "remoteAddress" | "lifecycle"
>;

/**
 * Connects a session, which `create` makes once the connection is open. It emits nothing until a turn after the promise
 * resolved, so that handlers attached right after an `await` miss nothing.
 *
 * @throws {TypeError} (as a rejection) for a host or token of the wrong type
 * @throws {OptionsError} (as a rejection) for an address that is none
 * @throws {ConnectError} (as a rejection) when no connection comes about
 */
export async function connect<Id extends SessionId, Pair extends SessionPair<AnySession>>(
  { host, token, terms, options, reconnect }: Target<Id>,
  create: (start: SessionStart<Id>) => Pair,
): Promise<Pair> {
  expectString("host", host);
  expectTokenSource("bearer", token);
  const url = parseHost(host, options.query);
  const world: ConnectHost = { timers: nodeTimers, random: Math.random, name: url.host };
  const opener = new Opener(url, token, options, terms);
  const first = await connectWithin((signal) => opener.open(signal), options.timeout, world, options.signal);
  const pair = create({
    id: opener.sessionId,
    role: "client",
    reconnects: reconnect !== false,
    phase: Math.random(),
    info: describeRequest(url, options.headers, first.subprotocol),
    remoteAddress: first.remoteAddress,
    lifecycle: {
      connected: () => reconnector?.established(),
      disconnected: (code, reason) => reconnector?.lost(code, reason),
      closed: () => reconnector?.stop(),
    },
  });
  const reconnector =
    reconnect === false ? null : new Reconnector(reconnectable(opener, pair), reconnect, options.timeout, world);
  first.transport.drive(pair.engine);
  pair.engine.attach(first.transport);
  setImmediate(() => first.transport.start());
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

/** How a session gets its later connections. */
function reconnectable<Id extends SessionId>(
  opener: Opener<Id>,
  { session, engine }: SessionPair<AnySession>,
): Reconnectable<WsTransport> {
  return {
    async open(signal) {
      try {
        return (await opener.open(signal)).transport;
      } catch (error) {
        // Not what a server did, but a token function that failed: no promise tells that.
        if (!signal.aborted && !(error instanceof ConnectError)) publish(session, "error", toError(error));
        throw error;
      }
    },
    attach(transport) {
      transport.drive(engine);
      engine.attach(transport);
      transport.start();
    },
    abandon: (code, reason) => engine.abandon(code, reason),
  };
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("the token function failed", { cause: thrown });
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
