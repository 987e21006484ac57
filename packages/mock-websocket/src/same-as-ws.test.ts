import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { WebSocketServer, WebSocket as WsSocketClass } from "ws";
import { MockNetwork } from "./index.js";
import { follow, type RefusalCase, refusalCases, type WsCase, type WsSocket, wsCases } from "./testing/ws-cases.js";

type Logs = { readonly client: string[]; readonly server: string[] };

/** Plays a case on two ends; `connect` makes them and says when the client's is open. */
async function played(
  { server, client }: WsCase,
  connect: (accepted: (socket: WsSocket) => void, opened: (socket: WsSocket) => void) => void,
): Promise<Logs> {
  const logs: Logs = { client: [], server: [] };
  const ended = (socket: WsSocket, log: string[]): Promise<void> => {
    follow(socket, (line) => log.push(line));
    return new Promise((resolve) => socket.on("close", resolve as never));
  };
  await new Promise<void>((resolve) => {
    let serverEnded: Promise<void>;
    connect(
      (socket) => {
        serverEnded = ended(socket, logs.server);
        server?.(socket, (line) => logs.server.push(line));
      },
      (socket) => {
        void ended(socket, logs.client).then(() => serverEnded.then(resolve));
        client(socket, (line) => logs.client.push(line));
      },
    );
  });
  return logs;
}

describe("a socket has the events and methods of ws", () => {
  for (const one of wsCases) {
    it(`on the mock: ${one.name}`, async () => {
      const network = new MockNetwork();
      const logs = await played(one, (accepted, opened) => {
        network.listen("ws://mock.test/", (socket) => accepted(socket as unknown as WsSocket));
        const socket = new network.WebSocket("ws://mock.test/");
        socket.on("open", () => opened(socket as unknown as WsSocket));
      });
      assert.deepEqual(logs, one.expected);
    });

    it(`on ws: ${one.name}`, async (t) => {
      const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
      t.after(() => server.close());
      await once(server, "listening");
      const logs = await played(one, (accepted, opened) => {
        server.on("connection", (socket) => accepted(socket as unknown as WsSocket));
        const socket = new WsSocketClass(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
        socket.on("open", () => opened(socket as unknown as WsSocket));
      });
      assert.deepEqual(logs, one.expected);
    });
  }

  /** What the client of a refused attempt is told. */
  async function refused({ client }: RefusalCase, socket: WsSocket): Promise<string[]> {
    const log: string[] = [];
    follow(socket, (line) => log.push(line));
    const closed = new Promise((resolve) => socket.on("close", resolve as never));
    client(socket, (line) => log.push(line));
    await closed;
    return log;
  }

  for (const one of refusalCases) {
    it(`on the mock: ${one.name}`, async () => {
      const network = new MockNetwork();
      const refusal = () => ({ status: 503, headers: { "Retry-After": "3" } });
      network.listen("ws://mock.test/", { refusal, connection: () => assert.fail("it was accepted") });
      const socket = new network.WebSocket("ws://mock.test/?token=x");
      assert.deepEqual(await refused(one, socket as unknown as WsSocket), one.expected);
    });

    it(`on ws: ${one.name}`, async (t) => {
      const server = createServer().listen(0, "127.0.0.1");
      t.after(() => server.close());
      server.on("upgrade", (_, socket) => {
        socket.end("HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      });
      await once(server, "listening");
      const socket = new WsSocketClass(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
      assert.deepEqual(await refused(one, socket as unknown as WsSocket), one.expected);
    });
  }

  for (const end of ["abort", "destroy"] as const) {
    it(`the request of a refused attempt has ${end}, which ends it`, async () => {
      const network = new MockNetwork();
      network.listen("ws://mock.test/", { refusal: () => ({ status: 401 }), connection: () => {} });
      const socket = new network.WebSocket("ws://mock.test/");
      const log: string[] = [];
      socket.on("error", (error) => log.push(error.message));
      socket.on("unexpected-response", (request) => request[end]());
      const [code] = await new Promise<unknown[]>((resolve) => socket.on("close", (...args) => resolve(args)));
      assert.deepEqual([...log, code], ["the connection was not established", 1006]);
    });
  }

  it("a refused connection is an error, then 1006", async () => {
    const socket = new new MockNetwork().WebSocket("ws://mock.test/");
    const log: string[] = [];
    socket.on("error", (error) => log.push(error.message));
    const code = await new Promise((resolve) => socket.on("close", resolve));
    assert.deepEqual([...log, code], ["the connection was not established", 1006]);
  });
});
