import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { ask, asking, start, token } from "./support.test.js";

const origin = "https://page.example";

/** What a page is told that asks over plain HTTP. */
async function toldTo(port: number, query: string, headers: Record<string, string> = { origin }) {
  const response = await fetch(`http://127.0.0.1:${port}/?${query}`, { headers });
  await response.text();
  return [response.status, response.headers.get("access-control-allow-origin")];
}

async function refusing(t: TestContext, given: Parameters<typeof start>[1] = {}) {
  const asked: string[] = [];
  const server = await start(t, given, (bearer) => {
    asked.push(bearer);
    return bearer === token;
  });
  return { server, asked };
}

test("a page that was refused may ask why once, and nobody is validated for it", async (t) => {
  const { server, asked } = await refusing(t);
  const query = asking(7n, "wrong");
  assert.equal((await ask(t, server, { query, headers: { origin } })).status, 401);
  assert.deepEqual(await toldTo(server.port, query), [401, origin]);
  assert.deepEqual(await toldTo(server.port, query), [426, null]);
  assert.deepEqual(asked, ["wrong"]);
});

test("who does not know the whole address of the upgrade is told nothing", async (t) => {
  const { server } = await refusing(t);
  assert.equal((await ask(t, server, { query: asking(7n, "wrong"), headers: { origin } })).status, 401);
  assert.deepEqual(await toldTo(server.port, asking(7n, "other")), [426, null]);
  assert.deepEqual(await toldTo(server.port, asking(8n, "wrong")), [426, null]);
  assert.deepEqual(await toldTo(server.port, ""), [426, null]);
});

test("pages of other origins, and clients without one, are told nothing", async (t) => {
  const { server } = await refusing(t, { origins: [origin] });
  const foreign = { origin: "https://elsewhere.example" };
  const query = asking(7n, "wrong");
  assert.equal((await ask(t, server, { query, headers: foreign })).status, 403);
  assert.deepEqual(await toldTo(server.port, query, foreign), [426, null]);
  assert.equal((await ask(t, server, { query })).status, 401);
  assert.deepEqual(await toldTo(server.port, query), [426, null]);
  assert.equal((await ask(t, server, { query, headers: { origin } })).status, 401);
  assert.deepEqual(await toldTo(server.port, query, foreign), [401, null]);
});

test("a busy server tells when to come back, and an upgrade that succeeds makes what was told before void", async (t) => {
  const { server } = await refusing(t, { maxSessions: 1 });
  const running = asking(1n);
  assert.equal((await ask(t, server, { query: running, headers: { origin } })).status, 101);
  assert.equal((await ask(t, server, { query: asking(2n), headers: { origin } })).status, 503);
  const response = await fetch(`http://127.0.0.1:${server.port}/?${asking(2n)}`, { headers: { origin } });
  assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "2"]);
  assert.equal((await ask(t, server, { query: asking(3n), headers: { origin } })).status, 503);
  const over = [...server.sessions.values()].map((session) => once(session, "closed"));
  for (const session of server.sessions.values()) session.Destroy();
  await Promise.all(over);
  assert.equal((await ask(t, server, { query: asking(3n), headers: { origin } })).status, 101);
  assert.deepEqual(await toldTo(server.port, asking(3n)), [426, null]);
});

test("no more than the last 1024 are remembered", async (t) => {
  const { server } = await refusing(t);
  for (let id = 0n; id < 1025n; id++) await ask(t, server, { query: asking(id, "wrong"), headers: { origin } });
  assert.deepEqual(await toldTo(server.port, asking(0n, "wrong")), [426, null]);
  assert.deepEqual(await toldTo(server.port, asking(1n, "wrong")), [401, origin]);
});

test("an HTTP server of the user's hands such questions on", async (t) => {
  const http = createServer((request, response) => {
    if (!server.ExplainRefusal(request, response)) response.end("a page");
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const { server } = await refusing(t, { server: http });
  const { port } = http.address() as AddressInfo;
  const query = asking(7n, "wrong");
  assert.equal((await ask(t, server, { query, headers: { origin } })).status, 401);
  assert.deepEqual(await toldTo(port, query), [401, origin]);
  assert.deepEqual(await toldTo(port, query), [200, null]);
});
