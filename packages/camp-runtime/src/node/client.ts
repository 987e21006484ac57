import type { IncomingHttpHeaders } from "node:http";
import {
  type BackoffPolicy,
  ConnectError,
  type ConnectHost,
  connectWithin,
  parseHost,
  type Reconnectable,
  Reconnector,
} from "camp-runtime";
import type { BufferBudget, SessionSettings } from "camp-session";
import { expectString } from "./arguments.js";
import {
  type CampClientOptions,
  type CampPeerOptions,
  type CheckedPeerOptions,
  checkClientOptions,
  checkPeerOptions,
} from "./client-options.js";
import { type CampClientSession, createCampClientSession } from "./client-session.js";
import { publish } from "./emitter.js";
import type { HookSource } from "./extensions.js";
import type { SessionInfo } from "./node-session.js";
import { createDeadlines, nodeTimers } from "./node-time.js";
import { expectTokenSource, Opener, type TokenSource } from "./opener.js";
import {
  type CampNodeSession,
  type CampSessionPair,
  type ClockSource,
  createCampSession,
  type NodeSessionConfig,
} from "./session.js";
import { withoutSecrets } from "./upgrade-request.js";
import type { WsTransport } from "./ws-transport.js";

/** The deadlines of all clients of this process. */
const clientDeadlines = createDeadlines();

/**
 * Connects a client. Its session emits nothing until a turn after the promise resolved, so that handlers attached right
 * after an `await` miss nothing.
 *
 * @throws {TypeError} (as a rejection) for a host or token of the wrong type
 * @throws {OptionsError} (as a rejection) for options that make no sense
 * @throws {ConnectError} (as a rejection) when no connection comes about
 */
export async function connectCampClient(
  host: string,
  token: TokenSource,
  given?: CampClientOptions,
): Promise<CampClientSession> {
  const options = checkClientOptions(given);
  const { session } = await connect({ host, token, options, reconnect: options.reconnect }, (start) =>
    createCampClientSession({
      ...start,
      type: undefined,
      settings: options,
      deadlines: clientDeadlines,
      onClosed: () => undefined,
    }),
  );
  return session;
}

/** What a server shares with the sessions that it opens to others. */
export interface PeerContext {
  readonly settings: SessionSettings;
  readonly extensions: HookSource<CampNodeSession>;
  readonly deadlines: ClockSource;
  readonly budget: BufferBudget;
  /** Gives up the attempt, as the caller's own signal does. */
  readonly signal: AbortSignal;
  /** Runs before the session's user hears of its end. */
  onClosed(session: CampNodeSession): void;
}

/** Opens a session from one server to another. It does not reconnect; otherwise as {@link connectCampClient}. */
export async function connectCampPeer(
  host: string,
  token: TokenSource,
  given: CampPeerOptions | undefined,
  { settings, extensions, deadlines, budget, signal, onClosed }: PeerContext,
): Promise<CampSessionPair> {
  const checked = checkPeerOptions(given);
  const options = {
    ...checked,
    signal: checked.signal === undefined ? signal : AbortSignal.any([checked.signal, signal]),
  };
  return connect({ host, token, options, reconnect: false }, (start) => {
    const pair = createCampSession({
      ...start,
      type: "peer",
      settings,
      extensions,
      deadlines,
      budget,
      onClosed: () => onClosed(pair.session),
    });
    return pair;
  });
}

interface Target {
  readonly host: string;
  readonly token: TokenSource;
  readonly options: CheckedPeerOptions;
  readonly reconnect: BackoffPolicy | false;
}

/** The part of a session's configuration that comes from its connection. */
type SessionStart = Pick<
  NodeSessionConfig,
  "id" | "role" | "reconnects" | "phase" | "info" | "remoteAddress" | "lifecycle"
>;

async function connect<Session extends CampNodeSession>(
  { host, token, options, reconnect }: Target,
  create: (start: SessionStart) => CampSessionPair<Session>,
): Promise<CampSessionPair<Session>> {
  expectString("host", host);
  expectTokenSource("bearer", token);
  const url = parseHost(host, options.query);
  const world: ConnectHost = { timers: nodeTimers, random: Math.random, name: url.host };
  const opener = new Opener(url, token, options);
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

/** How a session gets its later connections. */
function reconnectable(opener: Opener, { session, engine }: CampSessionPair): Reconnectable<WsTransport> {
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
