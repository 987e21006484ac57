import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";
import { camp as connect } from "camp-client-node";
import { WebSocket, WebSocketServer } from "ws";
import { ask, asking, nextSession, start } from "./support.test.js";

/** The user's server: pages, and echoes over WebSocket at /echo. */
async function usersServer(t: TestContext): Promise<{ http: Server; port: () => number }> {
  const http = createServer((_request, response) => response.end("a page"));
  const echoes = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    if (request.url !== "/echo") return;
    echoes.handleUpgrade(request, socket, head, (ws) => ws.on("message", (data) => ws.send(data)));
  });
  t.after(() => {
    for (const ws of echoes.clients) ws.terminate();
    http.close();
    http.closeAllConnections();
  });
  return { http, port: () => (http.address() as AddressInfo).port };
}

async function listen(http: Server): Promise<void> {
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
}

async function openEcho(port: number): Promise<WebSocket> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/echo`);
  await once(ws, "open");
  return ws;
}

async function echo(ws: WebSocket, message: string): Promise<string> {
  ws.send(message);
  const [data] = await once(ws, "message");
  return String(data);
}

describe("a server attached to the user's", () => {
  test("shares it with pages and other upgrades", async (t) => {
    const { http, port } = await usersServer(t);
    await listen(http);
    const server = await start(t, { server: http, path: "/camp" });
    assert.equal(server.http_server, http);
    assert.equal(server.port, port());
    const accepted = nextSession(server);
    const client = await connect(`127.0.0.1:${port()}/camp`, "token");
    const session = await accepted;
    assert.equal(session.info.path, "/camp");
    assert.equal(await echo(await openEcho(port()), "hello"), "hello");
    const [response] = await once(get({ port: port(), host: "127.0.0.1", agent: false }), "response");
    assert.equal(await text(response), "a page");
    await client.Close("done");
  });

  test("takes every upgrade without a path of its own", async (t) => {
    const http = createServer();
    t.after(() => http.close());
    await listen(http);
    const server = await start(t, { server: http });
    assert.equal((await ask(t, server, { path: "/any/where", query: asking(1n) })).status, 101);
  });

  test("emits listening when the user's server listens", async (t) => {
    const { http } = await usersServer(t);
    const server = await start(t, { server: http, path: "/camp" });
    assert.equal(server.port, 0);
    await Promise.all([once(server, "listening"), listen(http)]);
    assert.ok(server.port > 0);
  });

  test("emits listening for a server that listens already", async (t) => {
    const { http } = await usersServer(t);
    await listen(http);
    const server = await start(t, { server: http });
    await once(server, "listening");
  });

  test("leaves the user's server as it found it", async (t) => {
    const { http, port } = await usersServer(t);
    const counts = () => http.eventNames().map((name) => [name, http.listenerCount(name)]);
    const before = counts();
    await listen(http);
    const server = await start(t, { server: http, path: "/camp" });
    const other = await openEcho(port());
    const ownClient = await connect(`127.0.0.1:${port()}/camp`, "token");
    const closed = once(ownClient, "closed");
    await server.Destroy();
    assert.equal((await closed)[0], 4000);
    assert.deepEqual(counts(), before);
    assert.equal(http.listening, true);
    assert.equal(await echo(other, "still here"), "still here");
    other.close();
    await once(other, "close");
  });

  test("leaves the user's server alone if it was destroyed before that listened", async (t) => {
    const { http } = await usersServer(t);
    const server = await start(t, { server: http, path: "/camp" });
    server.on("listening", () => assert.fail("listening"));
    await server.Destroy();
    await listen(http);
    assert.equal(http.listenerCount("upgrade"), 1);
  });

  test("may share it with another one at another path", async (t) => {
    const http = createServer();
    t.after(() => http.close());
    await listen(http);
    const first = await start(t, { server: http, path: "/a" });
    const second = await start(t, { server: http, path: "/b" });
    await ask(t, first, { path: "/a", query: asking(1n) });
    await ask(t, second, { path: "/b", query: asking(1n) });
    assert.deepEqual([first.sessions.size, second.sessions.size], [1, 1]);
    assert.equal(second.sessions.size, 1);
  });
});
