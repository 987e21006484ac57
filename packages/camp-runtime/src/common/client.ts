import type { SessionEngine, SessionInputs, Transport } from "camp-session";
import { expectString } from "./arguments.js";
import type { SessionConfig, SessionId, SessionPair } from "./assemble.js";
import type { BackoffPolicy } from "./backoff.js";
import { ConnectError } from "./connect-error.js";
import { parseHost } from "./host.js";
import {
  expectTokenSource,
  type OpenAttempt,
  Opener,
  type TokenPlace,
  type TokenSource,
  type UpgradeTerms,
} from "./opener.js";
import { type ConnectHost, connectWithin, type Reconnectable, Reconnector } from "./reconnect.js";
import type { TimerHost } from "./timers.js";

/** A transport that keeps what happens to it until its session is ready to hear of it. */
export interface ClientTransport extends Transport {
  /** Names the session that is to be driven. */
  drive(session: SessionInputs): void;
  /** From now on the session hears of the connection, beginning with what has happened to it so far. */
  start(): void;
}

/** What a platform opens. */
export interface ClientConnection {
  readonly transport: ClientTransport;
}

/** Whom to connect to, and how. */
export interface Target<Id extends SessionId> {
  readonly host: string;
  readonly token: TokenSource;
  readonly terms: UpgradeTerms<Id>;
  readonly options: {
    readonly timeout: number;
    readonly query: Readonly<Record<string, string>>;
    readonly tokenIn: TokenPlace;
    readonly signal: AbortSignal | undefined;
  };
  /** When to replace a lost connection. */
  readonly reconnect: BackoffPolicy | false;
}

/** What clients need of their platform. */
export interface ClientWorld<Connection extends ClientConnection> {
  readonly timers: TimerHost;
  readonly random: () => number;
  /** What an address without a scheme means: `wss`, or `ws`. */
  readonly secure: boolean;
  readonly open: OpenAttempt<Connection>;
  /** Runs `callback` in a turn after those who await a promise that resolves now. */
  afterTurn(callback: () => void): void;
}

/** The part of a session's configuration that comes from its connection. */
export type SessionStart<Id extends SessionId> = Pick<
  SessionConfig<unknown, Id>,
  "id" | "role" | "reconnects" | "phase" | "lifecycle"
>;

/** What makes the session of a first connection. */
export interface SessionMaker<Id extends SessionId, Connection, Pair> {
  /** @param url the caller's address, without token and id */
  create(start: SessionStart<Id>, connection: Connection, url: URL): Pair;
  /** A token function failed while reconnecting: no promise tells that. */
  tokenFailed(pair: Pair, error: Error): void;
}

/** A session that was connected, and what gets it its later connections; null if nothing does. */
export interface Connected<Pair> {
  readonly pair: Pair;
  readonly reconnector: Pick<Reconnector<ClientTransport>, "wake"> | null;
}

/**
 * Connects a session, which `create` makes once the connection is open. It emits nothing until a turn after the promise
 * resolved, so that handlers attached right after an `await` miss nothing.
 *
 * @throws {TypeError} (as a rejection) for a host or token of the wrong type
 * @throws {OptionsError} (as a rejection) for an address that is none
 * @throws {ConnectError} (as a rejection) when no connection comes about
 */
export async function connect<
  Id extends SessionId,
  Connection extends ClientConnection,
  Pair extends SessionPair<unknown>,
>(
  { host, token, terms, options, reconnect }: Target<Id>,
  world: ClientWorld<Connection>,
  maker: SessionMaker<Id, Connection, Pair>,
): Promise<Connected<Pair>> {
  expectString("host", host);
  expectTokenSource("bearer", token);
  const url = parseHost(host, options.query, world.secure);
  const connectHost: ConnectHost = { timers: world.timers, random: world.random, name: url.host };
  const opener = new Opener(url, token, options.tokenIn, terms, world.open);
  const first = await connectWithin((signal) => opener.open(signal), options.timeout, connectHost, options.signal);
  const start: SessionStart<Id> = {
    id: opener.sessionId,
    role: "client",
    reconnects: reconnect !== false,
    phase: world.random(),
    lifecycle: {
      connected: () => reconnector?.established(),
      disconnected: (code, reason) => reconnector?.lost(code, reason),
      closed: () => reconnector?.stop(),
    },
  };
  const pair = maker.create(start, first, url);
  const later = reconnectable(opener, pair.engine, (error) => maker.tokenFailed(pair, error));
  const reconnector = reconnect === false ? null : new Reconnector(later, reconnect, options.timeout, connectHost);
  first.transport.drive(pair.engine);
  pair.engine.attach(first.transport);
  world.afterTurn(() => first.transport.start());
  return { pair, reconnector };
}

/** How a session gets its later connections. */
function reconnectable<Id extends SessionId, Connection extends ClientConnection>(
  opener: Opener<Id, Connection>,
  engine: SessionEngine,
  tokenFailed: (error: Error) => void,
): Reconnectable<ClientTransport> {
  return {
    async open(signal) {
      try {
        return (await opener.open(signal)).transport;
      } catch (error) {
        if (!signal.aborted && !(error instanceof ConnectError)) tokenFailed(toError(error));
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
