import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { openPage } from "browser-testing";
import { WebSocketServer, WebSocket as WsSocket } from "ws";
import { MockNetwork, VirtualTime } from "./index.js";
import { type AnyServerSocket, type AnySocketClass, cases, constructed, play, servers } from "./testing/cases.js";

/** Where `ws` throws other errors than browsers; it throws at the same calls. */
const namesOfWs: Readonly<Record<string, string>> = { InvalidAccessError: "TypeError", SyntaxError: "RangeError" };

const refusals = {
  "no URL": "SyntaxError",
  "another scheme": "SyntaxError",
  "a fragment": "SyntaxError",
  "a subprotocol twice": "SyntaxError",
  "a subprotocol that is no token": "SyntaxError",
};

describe("a socket behaves the same", () => {
  let origin: string;
  let server: WebSocketServer;

  before(async () => {
    server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      verifyClient: ({ req }: { req: IncomingMessage }) => req.url! in servers,
    });
    server.on("connection", (socket, request) => {
      // As it came: text as text.
      socket.on("message", (data, isBinary) => socket.emit("as-sent", isBinary ? data : String(data)));
      const face: AnyServerSocket = {
        send: (data) => socket.send(data),
        close: (code, reason) => socket.close(code, reason),
        terminate: () => socket.terminate(),
        addEventListener: (_, listener) => socket.on("as-sent", (data: unknown) => listener({ data })),
      };
      servers[request.url!]!(face);
    });
    await once(server, "listening");
    origin = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => new Promise<void>((resolve) => server.close(() => resolve())));

  for (const one of cases) {
    it(`on the mock: ${one.name}`, async () => {
      const time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
      const playing = play(mock(time).WebSocket as AnySocketClass, "ws://mock.test", one);
      await time.run();
      assert.deepEqual(await playing, one.expected);
    });

    it(`on ws: ${one.name}`, async () => {
      const expected = (one.onWs ?? one.expected).map((line) =>
        line.replace(/\w+Error\b/, (name) => namesOfWs[name] ?? name),
      );
      assert.deepEqual(await play(WsSocket as unknown as AnySocketClass, origin, one), expected);
    });
  }

  it("in Chromium, every case", async (t) => {
    const page = await openPage(t);
    const results = await page.evaluate(async (origin) => {
      const path = "/packages/mock-websocket/dist/testing/cases.js";
      const { cases, constructed, play } = (await import(path)) as typeof import("./testing/cases.js");
      const logs: string[][] = [];
      for (const one of cases) logs.push(await play(WebSocket as unknown as AnySocketClass, origin, one));
      return { logs, refused: constructed(WebSocket as unknown as AnySocketClass, origin) };
    }, origin);
    assert.deepEqual(
      results.logs,
      cases.map(({ expected }) => expected),
    );
    assert.deepEqual(results.refused, refusals);
  });

  it("in what its constructor refuses", () => {
    const time = new VirtualTime(() => Promise.resolve());
    assert.deepEqual(constructed(mock(time).WebSocket as AnySocketClass, "ws://mock.test"), refusals);
    assert.deepEqual(constructed(WsSocket as unknown as AnySocketClass, origin), refusals);
  });
});

function mock(time: VirtualTime): MockNetwork {
  const network = new MockNetwork({ clock: time });
  for (const [path, serve] of Object.entries(servers)) {
    network.listen(`ws://mock.test${path}`, {
      protocol: (offered) => offered[0],
      connection: (socket) => {
        socket.binaryType = "arraybuffer";
        serve(socket as unknown as AnyServerSocket);
      },
    });
  }
  return network;
}
