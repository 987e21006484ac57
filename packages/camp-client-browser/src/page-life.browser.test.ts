import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { launchChromium, openPage, servePages } from "browser-testing";
import { breakableNetwork, nextSession, startServer } from "./support.test.js";

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
  const admitted = nextSession(server);
  const page = await openSession(t, server.port);
  const session = await admitted;
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

test("a page that wakes to a dead connection replaces it at the first missing sign of life, and nothing is lost", async (t) => {
  const server = await startServer(t);
  const network = await breakableNetwork(t, server.port);
  const admitted = nextSession(server);
  const page = await openPage(t);
  await page.clock.install();
  await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret", { reconnect: { minDelayMs: 50, maxDelayMs: 200, maxAttempts: 1000 } });
    await session.base.SendUTF8("awake");
    const back = new Promise((resolve) => session.on("reconnected", ({ resumed }) => resolve(resumed)));
    Object.assign(globalThis, { session, back });
  }, network.host);
  const session = await admitted;
  const texts: string[] = [];
  session.on("message-utf8", (text) => texts.push(text));
  network.freeze();
  await page.evaluate(() => {
    const { session } = globalThis as unknown as { session: { base: { SendUTF8(text: string): Promise<boolean> } } };
    Object.assign(globalThis, { sent: session.base.SendUTF8("while asleep") });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.clock.fastForward(5_100);
  const result = await page.evaluate(async () => {
    const { back, sent } = globalThis as unknown as { back: unknown; sent: unknown };
    return [await back, await sent];
  });
  assert.deepEqual(result, [true, true]);
  assert.deepEqual(texts, ["while asleep"]);
});

test("a page goes into the back/forward cache, and its session is resumed when it is shown again", async (t) => {
  const server = await startServer(t);
  const script = `<!doctype html><title>First</title><!-- import map --><script type="module">
    import { camp } from "camp-client-browser";
    const session = await camp("127.0.0.1:${server.port}", "secret");
    session.on("reconnected", ({ resumed }) => session.base.SendUTF8("resumed: " + resumed));
    addEventListener("pageshow", ({ persisted }) => session.base.SendUTF8("persisted: " + persisted));
    await session.base.SendUTF8("here");
  </script>`;
  const pages = await servePages(t, { "/first": script });
  const browser = await launchChromium({ without: ["--disable-back-forward-cache"], whole: true });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const admitted = nextSession(server);
  await page.goto(`${pages.origin}/first`);
  const session = await admitted;
  const texts: string[] = [];
  session.on("message-utf8", (text) => texts.push(text));
  await once(session, "message-utf8");
  const left = once(session, "disconnected");
  await page.goto(`${pages.origin}/`);
  assert.deepEqual(await left, [4003, "the page is kept for later"]);
  const again = once(session, "resumed");
  await page.evaluate(() => history.back()).catch(() => {});
  await again;
  while (texts.length < 3) await once(session, "message-utf8");
  assert.deepEqual(texts.sort(), ["here", "persisted: true", "resumed: true"]);
});
