import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import type { TestContext } from "node:test";
import { WebSocket, WebSocketServer } from "ws";

// Sockets on 127.0.0.1 that end with their test. Shared by the tests of this folder; contains none itself.

/** A WebSocket and the socket under it. */
export interface Side {
  readonly ws: WebSocket;
  readonly socket: Socket;
}

/** Both ends of one WebSocket connection, in the turn in which the client's opened. */
export async function connectedPair(t: TestContext, maxPayload = 0): Promise<{ server: Side; client: Side }> {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload });
  const server = new Promise<Side>((resolve) => {
    http.on("upgrade", (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ws) => resolve({ ws, socket: socket as Socket }));
    });
  });
  const ws = new WebSocket(`ws://127.0.0.1:${await listen(t, http)}`, { perMessageDeflate: false });
  ws.on("error", () => undefined);
  const [response] = (await once(ws, "upgrade")) as [IncomingMessage];
  const pair = { server: await server, client: { ws, socket: response.socket } };
  pair.server.ws.on("error", () => undefined);
  return pair;
}

/** Opens the server on a free port, which is returned, and closes it with all its connections when the test ends. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}

/** A server that answers every upgrade like a plain request. */
export function answering(t: TestContext, answer: RequestListener): Promise<number> {
  return listen(t, createServer(answer));
}

/** A port of which nothing listens any more. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
