import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { openPage } from "browser-testing";
import { type CAMPServerWebsocketSession, type CAMPWebsocketServer, camp as serve } from "camp-server";

async function startServer(t: TestContext, port = 0): Promise<CAMPWebsocketServer> {
  const server = await serve({ validate: async () => true }, { port, host: "127.0.0.1" });
  if (server.port === null) await once(server, "listening");
  t.after(() => server.Destroy());
  return server;
}

/** Opens a page with a session whose events it notes. */
async function openSession(t: TestContext, port: number | null, minDelayMs = 500) {
  const page = await openPage(t);
  await page.evaluate(
    async ({ host, minDelayMs }) => {
      const { camp } = await import("camp-client-browser");
      const session = await camp(host, "secret", { reconnect: { minDelayMs, maxDelayMs: 10 * minDelayMs } });
      const log: string[] = [];
      for (const event of ["disconnected", "reconnected", "closed"] as const) session.on(event, () => log.push(event));
      await session.base.SendUTF8("here");
      Object.assign(globalThis, { session, log });
    },
    { host: `127.0.0.1:${port}`, minDelayMs },
  );
  return page;
}

const noted = () => (globalThis as unknown as { log: string[] }).log.join();

test("a page that is left closes its session with a reason", async (t) => {
  const server = await startServer(t);
  const admitted = once(server, "session");
  const page = await openSession(t, server.port);
  const [session] = (await admitted) as [CAMPServerWebsocketSession];
  const closed = once(session, "closed");
  await page.goto("about:blank");
  assert.deepEqual(await closed, [4000, "the page was left"]);
});

for (const event of ["online", "visibilitychange"] as const) {
  test(`a session that waits for its next attempt tries at once on ${event}`, async (t) => {
    const first = await startServer(t);
    const { port } = first;
    // Attempts are minutes apart: only the event can bring the session back while this test runs.
    const page = await openSession(t, port, 600_000);
    for (const session of first.sessions.values()) session.Destroy();
    await first.Destroy();
    await page.waitForFunction(() => (globalThis as unknown as { log: string[] }).log.length === 1);
    const second = await startServer(t, port ?? 0);
    const again = once(second, "session");
    await page.evaluate((event) => {
      (event === "online" ? window : document).dispatchEvent(new Event(event));
    }, event);
    await again;
    await page.waitForFunction(() => (globalThis as unknown as { log: string[] }).log.length === 2);
    assert.equal(await page.evaluate(noted), "disconnected,reconnected");
  });
}

test("a page that is kept for later gives its connection up, and has it back when it is shown again", async (t) => {
  const server = await startServer(t);
  const page = await openSession(t, server.port, 600_000);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await page.waitForFunction(() => (globalThis as unknown as { log: string[] }).log.length === 1);
  const again = once(server, "session");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await again;
  await page.waitForFunction(() => (globalThis as unknown as { log: string[] }).log.length === 2);
  assert.equal(await page.evaluate(noted), "disconnected,reconnected");
});
