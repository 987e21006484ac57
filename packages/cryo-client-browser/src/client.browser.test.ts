import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { openPage, servePages } from "browser-testing";
import { type CryoServerWebsocketSession, type CryoWebsocketServer, cryo as serve } from "cryo-server";

/** A server that sends back what it gets, on a free port; it ends with its test. */
async function serveEcho(t: TestContext, use_cale: boolean): Promise<CryoWebsocketServer> {
  const options = { port: 0, host: "127.0.0.1", use_cale, backpressure: { maxQueueCount: 5000 } };
  const server = await serve({ validate: async (token) => token === "secret" }, options);
  if (server.port === null) await once(server, "listening");
  t.after(() => server.Destroy());
  server.on("session", (session) => {
    session.on("message-utf8", (text) => void session.SendUTF8(text));
    session.on("message-binary", (bytes) => void session.SendBinary(bytes));
  });
  return server;
}

async function startServer(t: TestContext, use_cale: boolean): Promise<string> {
  return `127.0.0.1:${(await serveEcho(t, use_cale)).port}`;
}

/** A page from this machine, which is secure, or one that came without TLS and has no WebCrypto. */
async function openPageOf(t: TestContext, kind: "secure" | "insecure") {
  const pages = await servePages(t);
  const origin = kind === "secure" ? pages.origin : `http://insecure.test:${pages.port}`;
  return openPage(t, { server: { ...pages, origin } });
}

for (const [what, kind, use_cale] of [
  ["in the clear", "secure", false],
  ["encrypted by WebCrypto", "secure", true],
  ["encrypted by @noble", "insecure", true],
] as const) {
  test(`what is empty, 1 MiB, in every plane of Unicode, or begins with a byte order mark comes back as it was, ${what}`, async (t) => {
    const host = await startServer(t, use_cale);
    const page = await openPageOf(t, kind);
    const faults = await page.evaluate(
      async ({ host, use_cale }) => {
        const { cryo } = await import("cryo-client-browser");
        const session = await cryo(host, "secret", use_cale);
        const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x41)).join("");
        const faults: unknown[] = [];
        for (const text of ["", "\uFEFFmark", planes, "é".repeat(512 * 1024)]) {
          const answer = new Promise((resolve) => void session.once("message-utf8", resolve));
          if (!(await session.SendUTF8(text)) || (await answer) !== text) faults.push(`text of ${text.length}`);
        }
        for (const size of [0, 1, 1024 * 1024]) {
          const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
          const answer = new Promise<Uint8Array>((resolve) => void session.once("message-binary", resolve));
          await session.SendBinary(bytes);
          const received = await answer;
          if (received.length !== size || received.some((byte, at) => byte !== bytes[at])) faults.push(`${size} bytes`);
        }
        if (session.secure !== use_cale) faults.push(`secure: ${session.secure}`);
        const tooLarge = await session.SendBinary(new Uint8Array(1024 * 1024 + 1)).catch((error) => error.name);
        await session.Close();
        return [...faults, tooLarge];
      },
      { host, use_cale },
    );
    assert.deepEqual(faults, ["PayloadTooLargeError"]);
  });
}

for (const kind of ["secure", "insecure"] as const) {
  test(`a page that is ${kind} comes back with fresh keys, and what was sent meanwhile arrives encrypted`, async (t) => {
    const server = await serveEcho(t, true);
    const page = await openPageOf(t, kind);
    const admitted = once(server, "session");
    await page.evaluate(async (host) => {
      const { cryo } = await import("cryo-client-browser");
      const session = await cryo(host, "secret", { use_cale: true, reconnect: { minDelayMs: 50, maxDelayMs: 200 } });
      const log: string[] = [];
      const bindings: string[] = [];
      for (const event of ["connected", "disconnected", "reconnected"] as const)
        session.on(event, () => log.push(event));
      session.on("secure", () => {
        log.push("secure");
        bindings.push(String(session.channelBinding));
      });
      session.on("message-utf8", (text) => log.push(text));
      const sent = new Promise<boolean>((resolve) => {
        session.on("disconnected", () => resolve(session.SendUTF8(`sent while secure: ${session.secure}`)));
      });
      await session.SendUTF8("first");
      Object.assign(globalThis, { session, log, bindings, sent });
    }, `127.0.0.1:${server.port}`);
    const [first] = (await admitted) as [CryoServerWebsocketSession];
    const again = once(server, "session");
    first.Destroy();
    const [second] = (await again) as [CryoServerWebsocketSession];
    const [text] = await once(second, "message-utf8");
    assert.deepEqual([text, second.secure, second.id === first.id], ["sent while secure: false", true, true]);
    const result = await page.evaluate(async () => {
      const { log, bindings, sent } = globalThis as unknown as { log: string[]; bindings: string[]; sent: unknown };
      return { acknowledged: await sent, log: log.filter((entry) => !/first|sent/.test(entry)), bindings };
    });
    const order = ["connected", "secure", "disconnected", "reconnected", "secure"];
    assert.deepEqual([result.acknowledged, result.log], [true, order]);
    assert.equal(new Set(result.bindings).size, 2);
  });

  test(`5000 encrypted messages go each way in order, from a page that is ${kind}`, async (t) => {
    const host = await startServer(t, true);
    const page = await openPageOf(t, kind);
    const result = await page.evaluate(async (host) => {
      const { cryo } = await import("cryo-client-browser");
      const session = await cryo(host, "secret", { use_cale: true, backpressure: { maxQueueCount: 5000 } });
      const received: string[] = [];
      const all = new Promise((resolve) => {
        session.on("message-utf8", (text) => received.push(text) === 5000 && resolve(null));
      });
      const sent = Array.from({ length: 5000 }, (_, index) => session.SendUTF8(`message ${index}`));
      const acknowledged = (await Promise.all(sent)).filter((value) => value).length;
      await all;
      const { secure, channelBinding } = session;
      const inOrder = received.every((text, index) => text === `message ${index}`);
      await session.Close();
      return [window.isSecureContext, acknowledged, inOrder, secure, channelBinding?.length];
    }, host);
    assert.deepEqual(result, [kind === "secure", 5000, true, true, 32]);
  });
}

test("bytes arrive as a CryoBuffer, in the clear as well", async (t) => {
  const host = await startServer(t, false);
  const page = await openPage(t);
  const result = await page.evaluate(async (host) => {
    const { cryo, CryoBuffer } = await import("cryo-client-browser");
    const session = await cryo(host, "secret", false, 5000);
    const answer = new Promise<InstanceType<typeof CryoBuffer>>((resolve) => {
      session.on("message-binary", (bytes) => resolve(bytes));
    });
    await session.SendBinary(new TextEncoder().encode("grüße"));
    const bytes = await answer;
    const result = [
      bytes instanceof CryoBuffer,
      bytes.toString(),
      bytes.toString("hex"),
      bytes.readUInt16BE(0),
      session.secure,
    ];
    await session.SendPing();
    session.Destroy();
    return result;
  }, host);
  assert.deepEqual(result, [true, "grüße", "6772c3bcc39f65", 0x6772, false]);
});

for (const [client, server] of [
  [true, false],
  [false, true],
] as const) {
  test(`a client ${client ? "with" : "without"} CALE and a server ${server ? "with" : "without"} part with 4010`, async (t) => {
    const host = await startServer(t, server);
    const page = await openPage(t);
    const result = await page.evaluate(
      async ({ host, client }) => {
        const { cryo } = await import("cryo-client-browser");
        const session = await cryo(host, "secret", { use_cale: client, timeout: 1000 });
        const failed = new Promise((resolve) => session.on("error", (error) => resolve(error.name)));
        const closed = new Promise((resolve) => session.on("closed", (code) => resolve(code)));
        const sent = session.SendUTF8("never in the clear").catch((error: Error) => error.name);
        return [await failed, await closed, await sent];
      },
      { host, client },
    );
    assert.deepEqual(result, ["CaleError", 4010, "SessionClosedError"]);
  });
}
