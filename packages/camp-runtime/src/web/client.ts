import {
  connect,
  type SessionId,
  type SessionPair,
  type SessionStart,
  type TokenSource,
  type UpgradeTerms,
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

type AnyEmitter = Pick<SessionEmitter<{ error: [error: Error] }>, "fail">;

/** Connects a session from this page, and lets it follow the page's life. @throws as `connect` of every platform */
export async function connectFromPage<Id extends SessionId, Session extends AnyEmitter>(
  target: WebTarget<Id>,
  create: (start: SessionStart<Id> & { onClosed(): void }, info: SessionInfo) => SessionPair<Session>,
): Promise<Session> {
  const { options } = target;
  let latest: WebSocketTransport | null = null;
  let unfollow = (): void => undefined;
  const world = {
    timers: webTimers,
    random: Math.random,
    secure: location.protocol === "https:",
    open: async (attempt: Parameters<typeof openWebSocket>[0]) => {
      const connection = await openWebSocket(attempt, options.tokenIn);
      latest = connection.transport;
      return connection;
    },
    // A macrotask: after everybody who awaits what resolves now.
    afterTurn: (callback: () => void) => pageTurns().defer(callback),
  };
  const connected = await connect<Id, WebConnection, SessionPair<Session>>(
    { ...target, reconnect: options.reconnect },
    world,
    {
      create: (start, { subprotocol }, url) => {
        const info = { path: url.pathname, query: new URLSearchParams(url.searchParams), subprotocol };
        return create({ ...start, onClosed: () => unfollow() }, info);
      },
      tokenFailed: ({ session }, error) => session.fail(error),
    },
  );
  unfollow = followPage(connected, () => latest!);
  return connected.pair.session;
}
