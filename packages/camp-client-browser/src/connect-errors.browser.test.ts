import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { openPage } from "browser-testing";
import { camp as serve } from "camp-server";
import { startServer } from "./support.test.js";

/** Faster to load than a hundred modules, in so many pages. */
const bundle = "/packages/camp-client-browser/dist/bundle/camp-client-browser.js";

/** What may get better is tried again until then; the rest is told at once. */
const timeoutMs = 4000;

interface Told {
  readonly code: string;
  readonly message: string;
  readonly withinMs: number;
}

/**
 * What a page hears of an attempt to connect, a token in the message marked. Each attempt has a page of its own: browsers make
 * pages wait whose WebSockets fail often.
 */
async function outcome(t: TestContext, host: string, token = "secret"): Promise<Told> {
  const page = await openPage(t);
  const attempt = { host, token, bundle, timeout: timeoutMs };
  return page.evaluate(async ({ host, token, bundle, timeout }) => {
    const { camp } = (await import(bundle)) as typeof import("camp-client-browser");
    const begun = performance.now();
    const { code, message } = await camp(host, token, { timeout }).then(
      () => ({ code: "connected", message: "" }),
      (error: { code: string; message: string }) => error,
    );
    return { code, message: message.replaceAll(token, "LEAKED"), withinMs: performance.now() - begun };
  }, attempt);
}

/** The address of a server of the test. */
async function listening(t: TestContext, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("what keeps a page from connecting is a typed error that says what to do, within the timeout", async (t) => {
  const camp = await startServer(t, 0, (token) => token === "secret");
  const full = await serve({ validate: () => true }, { port: 0, host: "127.0.0.1", maxSessions: 1 });
  const picky = await serve(
    { validate: () => true },
    { port: 0, host: "127.0.0.1", origins: ["https://other.example"] },
  );
  t.after(() => Promise.all([full.Destroy(), picky.Destroy()]));
  const gone = createTcpServer();
  const refused = await listening(t, gone);
  gone.close();
  const readable = { "Access-Control-Allow-Origin": "*" };
  const silent = createTcpServer((socket) => t.after(() => socket.destroy()));
  assert.equal((await outcome(t, `127.0.0.1:${full.port}`)).code, "connected");
  const hosts = {
    full: [`127.0.0.1:${full.port}`, "UNAVAILABLE"],
    origin: [`127.0.0.1:${picky.port}`, "REJECTED"],
    refused: [refused, "REFUSED"],
    name: ["no-such-host.invalid", "REFUSED"],
    silent: [await listening(t, silent), "TIMEOUT"],
    other: [
      await listening(
        t,
        createTcpServer((socket) => socket.end("SSH-2.0-other\r\n")),
      ),
      "REFUSED",
    ],
    http: [
      await listening(
        t,
        createServer((_request, response) => response.writeHead(404).end()),
      ),
      "REJECTED",
    ],
    page: [
      await listening(
        t,
        createServer((_request, response) => response.writeHead(404, readable).end()),
      ),
      "BAD_REQUEST",
    ],
  } as const;
  const told: Record<string, Told> = {};
  const attempt = async (name: keyof typeof hosts) => {
    told[name] = await outcome(t, hosts[name][0]);
  };
  await Promise.all((["full", "refused", "name", "silent", "other"] as const).map(attempt));
  for (const name of ["origin", "http", "page"] as const) await attempt(name);
  told.token = await outcome(t, `127.0.0.1:${camp.port}`, "wrong");
  const codes = Object.fromEntries(Object.entries(told).map(([name, { code }]) => [name, code]));
  const expected = Object.entries(hosts).map(([name, [, code]]) => [name, code]);
  assert.deepEqual(codes, { token: "UNAUTHORIZED", ...Object.fromEntries(expected) });
  for (const [name, { message, withinMs }] of Object.entries(told)) {
    assert.match(message, /; [a-z]/, name);
    assert.doesNotMatch(message, /LEAKED|authorization|sid/, name);
    assert.ok(withinMs < timeoutMs + 1500, `${name} took ${withinMs} ms`);
  }
});

test("a page that is offline is told so at once", async (t) => {
  const page = await openPage(t);
  await page.evaluate(() => import("camp-client-browser"));
  await page.context().setOffline(true);
  const code = await page.evaluate(async () => {
    const { camp } = await import("camp-client-browser");
    return camp("insecure.test:1", "secret", { timeout: 500 }).catch((error: { code: string }) => error.code);
  });
  assert.equal(code, "OFFLINE");
});
