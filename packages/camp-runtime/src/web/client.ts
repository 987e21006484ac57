import {
  ConnectError,
  connect,
  type SessionId,
  type SessionPair,
  type SessionStart,
  type TokenSource,
  type UpgradeAttempt,
  type UpgradeTerms,
  unlessAborted,
} from "camp-runtime";
import type { CheckedOptions } from "./client-options.js";
import { openWebSocket, type WebConnection } from "./connect.js";
import type { SessionEmitter } from "./emitter.js";
import { followPage } from "./page.js";
import type { SessionInfo } from "./session.js";
import type { WebSocketTransport } from "./web-socket-transport.js";
import { pageTurns, webTimers } from "./web-time.js";

/** Whom to connect to, and how. */
export interface WebTarget<Id extends SessionId> {
  readonly host: string;
  readonly token: TokenSource;
  readonly terms: UpgradeTerms<Id>;
  readonly options: CheckedOptions;
}

/** Makes a session of its first connection. */
export type CreateSession<Id extends SessionId, Session> = (
  start: SessionStart<Id> & { onClosed(): void },
  info: SessionInfo,
) => SessionPair<Session>;

type AnyEmitter = Pick<SessionEmitter<{ error: [error: Error] }>, "fail">;

/**
 * Connects a session from this page, and lets it follow the page's life.
 *
 * @param load loads what makes sessions, which is the greater part of a client: it arrives while the connection is being opened
 * @throws as `connect` of every platform
 */
export async function connectFromPage<Id extends SessionId, Session extends AnyEmitter>(
  target: WebTarget<Id>,
  load: () => Promise<CreateSession<Id, Session>>,
): Promise<Session> {
  const { options } = target;
  let create: CreateSession<Id, Session> | null = null;
  let latest: WebSocketTransport | null = null;
  let unfollow = (): void => undefined;
  const open = async (attempt: UpgradeAttempt): Promise<WebConnection> => {
    const opening = openWebSocket(attempt, options.tokenIn);
    const loading = create ?? unlessAborted(load().catch(missing), attempt.signal);
    try {
      const [connection, loaded] = await Promise.all([opening, loading]);
      latest = connection.transport;
      create = loaded;
      return connection;
    } catch (error) {
      opening.then(({ transport }) => transport.terminate()).catch(() => {});
      throw error;
    }
  };
  const world = {
    timers: webTimers,
    random: Math.random,
    secure: location.protocol === "https:",
    open,
    // A macrotask: after everybody who awaits what resolves now.
    afterTurn: (callback: () => void) => pageTurns().defer(callback),
  };
  const connected = await connect<Id, WebConnection, SessionPair<Session>>(
    { ...target, reconnect: options.reconnect },
    world,
    {
      create: (start, { subprotocol }, url) => {
        const info = { path: url.pathname, query: new URLSearchParams(url.searchParams), subprotocol };
        return create!({ ...start, onClosed: () => unfollow() }, info);
      },
      tokenFailed: ({ session }, error) => session.fail(error),
    },
  );
  unfollow = followPage(connected, () => latest!);
  return connected.pair.session;
}

/** The page was there before, so it is most likely the network that failed: another attempt may succeed. */
function missing(cause: unknown): never {
  throw new ConnectError("UNAVAILABLE", "the server of this client's files", "did not deliver all of them", { cause });
}
