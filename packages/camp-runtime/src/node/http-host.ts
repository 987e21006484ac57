import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type ServerOptions as TlsOptions } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { refusals } from "./refusal.js";
import { pathOf } from "./upgrade-request.js";
import { WaitingSocket } from "./waiting-socket.js";

/** Where upgrades come from: an HTTP server of ours, or one that belongs to the user. */
export interface HttpHost {
  readonly server: Server;
  /** Resolves to null as soon as the server listens, to the error if it cannot. */
  readonly listening: Promise<Error | null>;
  /** Lets no new connection in. */
  stopAccepting(): void;
  /** Ends what is left of our own server and resolves once its port is free. */
  close(): Promise<void>;
}

export interface OwnHttpHostConfig {
  readonly port: number;
  readonly host: string | undefined;
  readonly ssl: TlsOptions | undefined;
  /** For a request to arrive as a whole, from when its connection was made. */
  readonly upgradeTimeoutMs: number;
  /** Answers a plain request that it knows what to say to; returns false for others. */
  explain(message: IncomingMessage, response: ServerResponse): boolean;
  /** The server had a problem after it had begun to listen, such as too many open files. */
  failed(error: Error): void;
}

/** Opens a server of our own, for nothing but sessions. */
export function ownHttpHost({ port, host, ssl, upgradeTimeoutMs, explain, failed }: OwnHttpHostConfig): HttpHost {
  const timeouts = {
    headersTimeout: upgradeTimeoutMs,
    requestTimeout: upgradeTimeoutMs,
    connectionsCheckingInterval: Math.max(1, Math.ceil(upgradeTimeoutMs / 4)),
  };
  const server = ssl === undefined ? createHttpServer(timeouts) : createHttpsServer({ ...timeouts, ...ssl });
  server.on("request", (message, response) => {
    // Who adds a handler of their own through `http_server` answers all requests themselves.
    if (server.listenerCount("request") === 1 && !explain(message, response)) answerPlainHttp(message, response);
  });
  const sockets = new Set<Socket>();
  function forget(this: Socket): void {
    sockets.delete(this);
  }
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", forget);
  });
  const listening = new Promise<Error | null>((resolve) => {
    server.once("listening", () => resolve(null));
    server.on("error", (error) => (server.listening ? failed(error) : resolve(error)));
  });
  server.listen({ port, host });
  let closed: Promise<void> | undefined;
  const stopAccepting = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
  };
  return {
    server,
    listening,
    stopAccepting,
    async close() {
      stopAccepting();
      // No session is left. Idle and half-open connections, which may come from anybody, would hold the port for minutes.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Uses a server of the user's, which is neither opened nor closed here. Its errors are the user's as well. */
export function borrowedHttpHost(server: Server): HttpHost {
  let announce = (): void => {};
  const listening = new Promise<null>((resolve) => {
    announce = () => resolve(null);
    if (server.listening) announce();
    else server.once("listening", announce);
  });
  return {
    server,
    listening,
    stopAccepting: () => server.off("listening", announce),
    close: async () => {},
  };
}

/**
 * Hands the upgrades at `path`, or all of them, to `take`. The others belong to other listeners; without any, nobody would
 * ever answer and the socket would stay open for as long as the client likes, so they are told.
 *
 * @returns lets go of the server
 */
export function takeUpgrades(
  server: Server,
  path: string | undefined,
  take: (message: IncomingMessage, socket: Socket, head: Buffer) => void,
): () => void {
  const onUpgrade = (message: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const socket = duplex as Socket; // a Duplex that is no Socket comes only from who emits `upgrade` by hand
    if (path === undefined || pathOf(message.url) === path) take(message, socket, head);
    else if (server.listenerCount("upgrade") === 1) new WaitingSocket(socket).refuse(refusals.otherPath);
  };
  server.on("upgrade", onUpgrade);
  return () => server.off("upgrade", onUpgrade);
}

const plainHttpAdvice = "this port serves WebSocket sessions only; connect with a client of the server's protocol\n";

function answerPlainHttp(message: IncomingMessage, response: ServerResponse): void {
  message.resume();
  response.writeHead(426, {
    Connection: "Upgrade, close",
    Upgrade: "websocket",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": plainHttpAdvice.length,
  });
  response.end(plainHttpAdvice);
}
