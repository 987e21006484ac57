import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";
import { borrowedHttpHost, ownHttpHost, takeUpgrades } from "./http-host.js";
import { listen } from "./loopback.test.js";
import { answerOf, send, upgradeRequest } from "./raw-upgrade.test.js";

/** A host of ours on a free port. */
async function open(t: TestContext) {
  const host = ownHttpHost({
    port: 0,
    host: "127.0.0.1",
    ssl: undefined,
    upgradeTimeoutMs: 10_000,
    explain: () => false,
    failed: assert.fail,
  });
  t.after(() => host.close());
  assert.equal(await host.listening, null);
  const address = host.server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { host, port: address.port };
}

async function plainRequest(port: number): Promise<{ response: IncomingMessage; body: string }> {
  const [response] = (await once(get({ port, host: "127.0.0.1", agent: false }), "response")) as [IncomingMessage];
  return { response, body: await text(response) };
}

/** How many listen to which event. */
function countListeners(server: Server): Record<string, number> {
  return Object.fromEntries(server.eventNames().map((name) => [String(name), server.listenerCount(name)]));
}

describe("an HTTP server of our own", () => {
  test("answers plain HTTP with 426 and the way out", async (t) => {
    const { port } = await open(t);
    const { response, body } = await plainRequest(port);
    assert.equal(response.statusCode, 426);
    assert.equal(response.headers.upgrade, "websocket");
    assert.equal(Number(response.headers["content-length"]), body.length);
    assert.match(body, /client of the server's protocol/);
  });

  test("leaves plain HTTP to a handler of the user's", async (t) => {
    const { host, port } = await open(t);
    host.server.on("request", (_message, response) => response.end("mine"));
    const { response, body } = await plainRequest(port);
    assert.deepEqual([response.statusCode, body], [200, "mine"]);
  });

  test("says why it cannot listen", async (t) => {
    const { port } = await open(t);
    const second = ownHttpHost({
      port,
      host: "127.0.0.1",
      ssl: undefined,
      upgradeTimeoutMs: 10_000,
      explain: () => false,
      failed: assert.fail,
    });
    const error = (await second.listening) as NodeJS.ErrnoException;
    assert.equal(error.code, "EADDRINUSE");
    assert.ok(error.message.includes(String(port)));
    await second.close();
  });

  test("tells of what goes wrong later", async (t) => {
    const failures: Error[] = [];
    const host = ownHttpHost({
      port: 0,
      host: "127.0.0.1",
      ssl: undefined,
      upgradeTimeoutMs: 10_000,
      explain: () => false,
      failed: (error) => failures.push(error),
    });
    t.after(() => host.close());
    await host.listening;
    host.server.emit("error", new Error("too many open files"));
    assert.match(String(failures), /too many open files/);
  });

  test("ends connections that are idle, half a request or somebody else's upgrade, and frees the port", async (t) => {
    const { host, port } = await open(t);
    host.server.on("upgrade", (_message, socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    const idle = connect(port, "127.0.0.1");
    const half = await send(port, "GET / HTTP/1.1\r\nHost:");
    const upgraded = await send(port, upgradeRequest("/"));
    await once(upgraded, "data");
    const ended = [idle, half, upgraded].map((socket) => once(socket.on("error", () => {}).resume(), "end"));
    await host.close();
    await Promise.all(ended);
    for (const socket of [idle, half, upgraded]) socket.destroy();
    const next = ownHttpHost({
      port,
      host: "127.0.0.1",
      ssl: undefined,
      upgradeTimeoutMs: 10_000,
      explain: () => false,
      failed: assert.fail,
    });
    assert.equal(await next.listening, null);
    await next.close();
  });

  test("can be closed while it starts, and again", async () => {
    const host = ownHttpHost({
      port: 0,
      host: "127.0.0.1",
      ssl: undefined,
      upgradeTimeoutMs: 10_000,
      explain: () => false,
      failed: assert.fail,
    });
    await host.close();
    await host.close();
    assert.equal(host.server.listening, false);
  });
});

describe("an HTTP server of the user's", () => {
  test("is neither opened nor closed, and its errors stay with it", async (t) => {
    const server = createServer();
    const listeners = countListeners(server);
    const host = borrowedHttpHost(server);
    await listen(t, server); // which counts connections
    assert.equal(await host.listening, null);
    host.stopAccepting();
    await host.close();
    assert.equal(server.listening, true);
    assert.deepEqual(countListeners(server), { ...listeners, connection: listeners.connection! + 1 });
  });

  test("may listen already", async (t) => {
    const server = createServer();
    await listen(t, server);
    assert.equal(await borrowedHttpHost(server).listening, null);
  });

  test("is let go before it listens", () => {
    const server = createServer();
    const listeners = countListeners(server);
    borrowedHttpHost(server).stopAccepting();
    assert.deepEqual(countListeners(server), listeners);
  });
});

describe("upgrades at a path", () => {
  const teapot = "HTTP/1.1 418 I'm a Teapot\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  const taken = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

  const cases: [path: string | undefined, target: string, taken: boolean][] = [
    [undefined, "/anything", true],
    ["/camp", "/camp", true],
    ["/camp", "/camp?x=/other", true],
    ["/camp", "http://proxy.example/camp?x", true],
    ["/camp", "/camp/", false],
    ["/camp", "/other?/camp", false],
    ["/camp", "/CAMP", false],
  ];
  for (const [path, target, isTaken] of cases) {
    test(`${path ?? "anywhere"}: ${target} is ${isTaken ? "taken" : "left to others"}`, async (t) => {
      const server = createServer();
      const release = takeUpgrades(server, path, (_message, socket) => socket.end(taken));
      server.on("upgrade", (_message, socket) => isTaken || socket.end(teapot));
      const socket = await send(await listen(t, server), upgradeRequest(target));
      assert.equal((await answerOf(socket)).status, isTaken ? 200 : 418);
      socket.destroy();
      release();
      assert.equal(server.listenerCount("upgrade"), 1);
    });
  }

  test("that nobody else would ever answer get 404", async (t) => {
    const server = createServer();
    takeUpgrades(server, "/camp", () => assert.fail("taken"));
    const socket = await send(await listen(t, server), upgradeRequest("/other"));
    assert.equal((await answerOf(socket)).status, 404);
    socket.destroy();
  });
});
