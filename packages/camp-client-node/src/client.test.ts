import assert from "node:assert/strict";
import { once } from "node:events";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { CAMP, CampError, ConnectError, type ConnectErrorCode, camp } from "camp-client-node";
import { type CAMPWebsocketServer, camp as campServer, type ICAMPWebsocketServerOptions } from "camp-server";

/** A server on a free port that ends with its test. */
async function startServer(t: TestContext, options: ICAMPWebsocketServerOptions = {}): Promise<CAMPWebsocketServer> {
  const server = await campServer({ validate: async (token) => token === "secret" }, { port: 0, ...options });
  t.after(() => server.Destroy());
  return server;
}

function hasCode(code: ConnectErrorCode, status?: number) {
  return (error: unknown) => error instanceof ConnectError && error.code === code && error.status === status;
}

test("CAMP and camp are the same function", () => assert.equal(CAMP, camp));

test("messages go both ways, each acknowledged", async (t) => {
  const server = await startServer(t);
  server.on("session", (session) => {
    session.on("message-utf8", (text) => void session.base.SendUTF8(`echo ${text}`));
    session.on("message-binary", (bytes) => void session.base.SendBinary(bytes));
  });
  const client = await camp(`localhost:${server.port}`, "secret");
  t.after(() => client.Destroy());
  const answers = Promise.all([once(client, "message-utf8"), once(client, "message-binary")]);
  const sent = Promise.all([client.base.SendUTF8("grüße"), client.base.SendBinary(Buffer.from([1, 2, 3]))]);
  assert.deepEqual(await sent, [true, true]);
  assert.deepEqual(await answers, [["echo grüße"], [Buffer.from([1, 2, 3])]]);
  assert.ok((await client.base.Ping()) >= 0);
  assert.equal(client.stats.framesTx > 0 && client.stats.unackedFrames === 0, true);
  assert.equal(server.sessions.get(client.id)?.info.subprotocol, "camp");
});

test("a stream goes from the client to the server", async (t) => {
  const server = await startServer(t);
  const received = new Promise<number>((resolve, reject) => {
    server.on("session", (session) => {
      void (async () => {
        let bytes = 0;
        for await (const chunk of await session.transaction.WaitForStream("upload")) bytes += chunk.length;
        return bytes;
      })().then(resolve, reject);
    });
  });
  const client = await camp(`localhost:${server.port}`, "secret");
  t.after(() => client.Destroy());
  const chunks = Array.from({ length: 40 }, () => Buffer.alloc(50_000));
  await client.transaction.Stream(Readable.from(chunks), { streamName: "upload" });
  assert.equal(await received, 2_000_000);
});

test("an extension of the client sees its messages", async (t) => {
  const server = await startServer(t);
  const client = await camp(`localhost:${server.port}`, "secret");
  t.after(() => client.Destroy());
  const extension = {
    name: "quiet",
    before_send_utf8: (_session: unknown, message: { value: string }) => message.value !== "silence",
  };
  client.RegisterExtension(extension);
  assert.equal(client.GetExtension("quiet"), extension);
  assert.equal(await client.base.SendUTF8("silence"), false);
  client.UnregisterExtension("quiet");
  assert.equal(await client.base.SendUTF8("silence"), true);
});

test("a token that is not accepted rejects with UNAUTHORIZED", async (t) => {
  const server = await startServer(t);
  await assert.rejects(camp(`localhost:${server.port}`, "wrong"), (error) => {
    assert.ok(error instanceof CampError && hasCode("UNAUTHORIZED", 401)(error));
    return true;
  });
});

test("an origin that is not on the list rejects with FORBIDDEN", async (t) => {
  const server = await startServer(t, { origins: ["https://example.org"] });
  const headers = { Origin: "https://evil.example" };
  await assert.rejects(camp(`localhost:${server.port}`, "secret", { headers }), hasCode("FORBIDDEN", 403));
});

test("a server at its session limit rejects with UNAVAILABLE once no time is left to wait", async (t) => {
  const server = await startServer(t, { maxSessions: 1 });
  const first = await camp(`localhost:${server.port}`, "secret");
  t.after(() => first.Destroy());
  const second = camp(`localhost:${server.port}`, "secret", { timeout: 1000 });
  await assert.rejects(
    second,
    (error) => hasCode("UNAVAILABLE", 503)(error) && (error as ConnectError).retryAfterMs === 2000,
  );
});

test("a path that the server does not serve rejects with BAD_REQUEST", async (t) => {
  const server = await startServer(t, { path: "/camp" });
  await assert.rejects(camp(`localhost:${server.port}/other`, "secret"), hasCode("BAD_REQUEST", 404));
  const client = await camp(`localhost:${server.port}/camp?room=1`, "secret");
  t.after(() => client.Destroy());
  assert.equal(server.sessions.get(client.id)?.info.query.get("room"), "1");
});

test("a server that is gone rejects with REFUSED when the time is over", async (t) => {
  const server = await startServer(t);
  const { port } = server;
  await server.Destroy();
  await assert.rejects(camp(`localhost:${port}`, "secret", { timeout: 100 }), hasCode("REFUSED"));
});

test("a client that started before its server finds it", async (t) => {
  const { port } = await startServer(t).then(async (server) => {
    const { port } = server;
    await server.Destroy();
    return { port };
  });
  const connecting = camp(`localhost:${port}`, "secret");
  const server = await startServer(t, { port });
  const client = await connecting;
  t.after(() => client.Destroy());
  assert.equal(server.port, port);
});

test("a server that shuts down ends its sessions for good", async (t) => {
  const server = await startServer(t);
  const client = await camp(`localhost:${server.port}`, "secret");
  await once(client, "connected");
  const closed = once(client, "closed");
  await server.Destroy();
  assert.equal((await closed)[0], 4000);
  assert.equal(client.state, "closed");
});

test("await using closes the session", async (t) => {
  const server = await startServer(t);
  const client = await camp(`localhost:${server.port}`, "secret");
  const closed = once(client, "closed");
  await client[Symbol.asyncDispose]();
  assert.deepEqual((await closed)[0], 4000);
});
