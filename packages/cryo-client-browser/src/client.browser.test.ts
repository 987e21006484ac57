import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { openPage, servePages } from "browser-testing";
import { cryo as serve } from "cryo-server";

/** A server that sends back what it gets, on a free port; it ends with its test. */
async function startServer(t: TestContext, use_cale: boolean): Promise<string> {
  const options = { port: 0, host: "127.0.0.1", use_cale, backpressure: { maxQueueCount: 5000 } };
  const server = await serve({ validate: async (token) => token === "secret" }, options);
  if (server.port === null) await once(server, "listening");
  t.after(() => server.Destroy());
  server.on("session", (session) => {
    session.on("message-utf8", (text) => void session.SendUTF8(text));
    session.on("message-binary", (bytes) => void session.SendBinary(bytes));
  });
  return `127.0.0.1:${server.port}`;
}

for (const kind of ["secure", "insecure"] as const) {
  test(`5000 encrypted messages go each way in order, from a page that is ${kind}`, async (t) => {
    const host = await startServer(t, true);
    const pages = await servePages(t);
    const origin = kind === "secure" ? pages.origin : `http://insecure.test:${pages.port}`;
    const page = await openPage(t, { server: { ...pages, origin } });
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
