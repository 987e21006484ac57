import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { describe, test } from "node:test";
import { camp as connect } from "camp-client-node";
import { SessionClosedError } from "./index.js";
import { project, run } from "./programs.test.js";
import { ask, asking, join, nextSession, RawClient, slowValidator, start } from "./support.test.js";

describe("Destroy of a server", () => {
  test("closes its sessions gracefully, unregisters its extensions in reverse order and frees the port", async (t) => {
    const server = await start(t);
    const { port } = server;
    const order: string[] = [];
    for (const name of ["first", "second"]) {
      server.RegisterExtension({ name, on_unregister: () => void order.push(`unregister ${name}`) });
    }
    const { client, session } = await join(t, server);
    session.on("closed", (code, reason) => order.push(`closed ${code} ${reason}`));
    const received = once(client, "message-utf8");
    const closed = once(client, "closed");
    const sent = session.base.SendUTF8("last words");
    await server.Destroy();
    order.push("resolved");
    assert.deepEqual(order, ["closed 4000 the server shuts down", "unregister second", "unregister first", "resolved"]);
    assert.equal(await sent, true);
    assert.deepEqual(await received, ["last words"]);
    assert.deepEqual(await closed, [4000, "the server shuts down"]);
    assert.equal(server.sessions.size, 0);
    const next = await start(t, { port });
    assert.equal(next.port, port);
  });

  test("runs hooks up to the end", async (t) => {
    const server = await start(t);
    const { client, session } = await join(t, server);
    let seen = 0;
    server.RegisterExtension({
      name: "counter",
      before_send_utf8: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen += 1;
        return true;
      },
    });
    const received = once(client, "message-utf8");
    void session.base.SendUTF8("a");
    await server.Destroy();
    assert.equal(seen, 1);
    assert.deepEqual(await received, ["a"]);
  });

  test("may be called again, also meanwhile, and by await using", async (t) => {
    const server = await start(t);
    await join(t, server);
    await Promise.all([server.Destroy(), server.Destroy(), server[Symbol.asyncDispose]()]);
    await server.Destroy();
  });

  test("refuses upgrades that wait for the validator", async (t) => {
    const { validate, asked, answer } = slowValidator();
    const server = await start(t, {}, validate);
    const waiting = ask(t, server, { query: asking(1n) });
    await asked(1);
    const destroyed = server.Destroy();
    assert.equal((await waiting).status, 503);
    answer(true);
    await destroyed;
    assert.equal(server.sessions.size, 0);
  });

  test("refuses upgrades that come while sessions close", async (t) => {
    const server = await start(t);
    const { session } = await join(t, server);
    server.RegisterExtension({ name: "slow", before_send_utf8: () => held });
    let release = (): void => {};
    const held = new Promise<boolean>((resolve) => {
      release = () => resolve(true);
    });
    // A connection that stands already; new ones are not accepted any more.
    const socket = connectSocket(server.port, "127.0.0.1");
    await Promise.all([once(socket, "connect"), once(server.http_server, "connection")]);
    void session.base.SendUTF8("held up");
    const destroyed = server.Destroy();
    socket.write(
      `GET /?${asking(9n)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    const [head] = await once(socket, "data");
    assert.match(String(head), /^HTTP\/1\.1 503 /);
    release();
    await destroyed;
  });

  test("does not wait longer than closeTimeoutMs for who does not answer", async (t) => {
    const server = await start(t, { closeTimeoutMs: 20 });
    const accepted = nextSession(server);
    const silent = await RawClient.open(t, server, 1n);
    const session = await accepted;
    await silent.introduce(session);
    const unanswered = assert.rejects(session.base.SendUTF8("hello?"), SessionClosedError);
    await server.Destroy();
    await unanswered;
  });

  test("ends connections that never became a session", async (t) => {
    const server = await start(t);
    const socket = connectSocket(server.port, "127.0.0.1").resume();
    await Promise.all([once(socket, "connect"), once(server.http_server, "connection")]);
    await Promise.all([once(socket, "close"), server.Destroy()]);
  });

  test("is not disturbed by an on_unregister that throws: that is reported", async (t) => {
    const server = await start(t);
    const order: string[] = [];
    const broken = () => {
      order.push("broken");
      throw new Error("cannot let go");
    };
    server.RegisterExtension({ name: "fine", on_unregister: () => void order.push("fine") });
    server.RegisterExtension({ name: "broken", on_unregister: broken });
    const failed = once(server, "error");
    await server.Destroy();
    const [error] = (await failed) as [Error];
    assert.match(error.message, /"broken"/);
    assert.deepEqual(order, ["broken", "fine"]);
  });

  test("lets a process end by itself, whose clients do not reconnect", async (t) => {
    const program = `
      import { camp } from "camp-server";
      import { camp as connect } from "camp-client-node";
      const server = await camp({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
      const other = await camp({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
      const client = await connect("127.0.0.1:" + server.port, "token");
      const peer = await server.ConnectPeer("127.0.0.1:" + other.port, "token");
      await Promise.all([client.base.SendUTF8("hello"), peer.base.SendUTF8("hello")]);
      await Promise.all([server.Destroy(), other.Destroy()]);
      console.log("destroyed");
      process.on("exit", () => console.log("exit"));
    `;
    const { code, stdout, stderr } = await (await run(t, await project(t), "program.mjs", program)).ended;
    assert.deepEqual([code, stdout, stderr], [0, "destroyed\nexit\n", ""]);
  });

  test("makes ConnectPeer reject, under way or later", async (t) => {
    const { validate, asked, answer } = slowValidator();
    const other = await start(t, {}, validate);
    const server = await start(t);
    const attempt = server.ConnectPeer(`127.0.0.1:${other.port}`, "token");
    const rejected = assert.rejects(attempt, { name: "ConnectError", code: "ABORTED" });
    await asked(1);
    await server.Destroy();
    await rejected;
    answer(false);
    await assert.rejects(server.ConnectPeer(`127.0.0.1:${other.port}`, "token"), { code: "ABORTED" });
  });
});

describe("Destroy of a session", () => {
  test("ends it at once with 1006, and the server lives", async (t) => {
    const server = await start(t);
    const { client, session } = await join(t, server);
    const closed = [once(session, "closed"), once(client, "closed")];
    session.Destroy();
    assert.deepEqual(await closed[0], [1006, "destroyed"]);
    assert.equal((await closed[1])![0], 1006);
    assert.equal(server.sessions.size, 0);
    await join(t, server);
  });

  test("in the session event leaves nothing behind", async (t) => {
    const server = await start(t);
    const ended: unknown[] = [];
    server.on("session", (session) => {
      session.on("closed", (...end) => ended.push(end));
      session.Destroy();
    });
    const client = await connect(`127.0.0.1:${server.port}`, "token", { reconnect: false });
    await once(client, "closed");
    assert.deepEqual(ended, [[1006, "destroyed"]]);
    assert.equal(server.sessions.size, 0);
  });
});
