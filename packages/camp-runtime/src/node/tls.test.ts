import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import { connect as connectPlain } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { ConnectError } from "camp-runtime";
import { connectCampClient } from "./camp-client.js";
import { startCampServer } from "./camp-server.js";
import type { CampNodeSession } from "./camp-session.js";
import { listen } from "./loopback.test.js";
import { answerOf, upgradeRequest } from "./raw-upgrade.test.js";
import { selfSigned } from "./self-signed.test.js";
import type { CampServerOptions } from "./server-options.js";
import type { TokenValidator, ValidationContext } from "./validation.js";

const { key, cert } = selfSigned();
const tls = { ca: cert, servername: "localhost" };

async function startSecure(t: TestContext, validate: TokenValidator["validate"], options: CampServerOptions = {}) {
  const server = await startCampServer({ validate }, { port: 0, host: "127.0.0.1", ssl: { key, cert }, ...options });
  t.after(() => server.Destroy());
  return server;
}

async function secureSocket(t: TestContext, port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ...tls });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** A validator that never answers; `asked` tells what it was told. */
function endlessValidator() {
  let tell: (context: ValidationContext) => void;
  const asked = new Promise<ValidationContext>((resolve) => {
    tell = resolve;
  });
  const validate = (_token: string, context: ValidationContext) => {
    tell(context);
    return new Promise<boolean>(() => {});
  };
  return { validate, asked };
}

describe("a server with ssl", () => {
  test("talks to clients over TLS, both ways", async (t) => {
    const server = await startSecure(t, () => true);
    const accepted = once(server, "session") as Promise<[CampNodeSession]>;
    const client = await connectCampClient(`wss://127.0.0.1:${server.port}`, "token", { tls });
    const [session] = await accepted;
    const received = Promise.all([once(session, "message-utf8"), once(client, "message-binary")]);
    const sent = Promise.all([client.base.SendUTF8("up"), session.base.SendBinary(Buffer.from("down"))]);
    assert.deepEqual(await sent, [true, true]);
    assert.deepEqual(await received, [["up"], [Buffer.from("down")]]);
    await client.Close("done");
  });

  test("is not trusted without its certificate", async (t) => {
    const server = await startSecure(t, () => true);
    await assert.rejects(
      connectCampClient(`wss://127.0.0.1:${server.port}`, "token"),
      (error) => error instanceof ConnectError && error.code === "TLS",
    );
  });

  test("refuses with a whole answer", async (t) => {
    const server = await startSecure(t, () => false);
    const socket = await secureSocket(t, server.port);
    socket.write(upgradeRequest("/?authorization=Bearer%20x&x-camp-sid=1"));
    assert.equal((await answerOf(socket)).status, 401);
  });

  test("refuses with a whole answer who still waits for the validator when it is destroyed", async (t) => {
    const { validate, asked } = endlessValidator();
    const server = await startSecure(t, validate);
    const socket = await secureSocket(t, server.port);
    socket.write(upgradeRequest("/?authorization=Bearer%20x&x-camp-sid=1"));
    await asked;
    const [answer] = await Promise.all([answerOf(socket), server.Destroy()]);
    assert.equal(answer.status, 503);
    assert.equal(answer.body.length, Number(answer.headers["content-length"]));
  });

  test("notices that a client leaves while its token is validated", async (t) => {
    const { validate, asked } = endlessValidator();
    const server = await startSecure(t, validate);
    const socket = await secureSocket(t, server.port);
    socket.write(upgradeRequest("/?authorization=Bearer%20x&x-camp-sid=1"));
    const { signal } = await asked;
    socket.destroy();
    if (!signal.aborted) await once(signal, "abort");
    assert.equal(server.sessions.size, 0);
  });

  test("is not held up by a connection that never says hello", async (t) => {
    const server = await startSecure(t, () => true);
    const silent = connectPlain(server.port, "127.0.0.1")
      .on("error", () => {})
      .resume();
    await Promise.all([once(silent, "connect"), once(server.http_server, "connection")]);
    await Promise.all([once(silent, "close"), server.Destroy()]);
  });

  test("may be the user's own", async (t) => {
    const https = createServer({ key, cert });
    const port = await listen(t, https);
    const server = await startCampServer({ validate: () => true }, { server: https, path: "/camp" });
    t.after(() => server.Destroy());
    const client = await connectCampClient(`wss://127.0.0.1:${port}/camp`, "token", { tls });
    assert.equal(await client.base.SendUTF8("hello"), true);
    await client.Close("done");
  });

  test("refuses to start with a key that is none, without quoting it", async () => {
    const ssl = { key: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", cert };
    await assert.rejects(startCampServer({ validate: () => true }, { port: 0, ssl }), (error: Error) => {
      assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes("c2VjcmV0"));
      return true;
    });
  });
});
