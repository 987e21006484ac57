import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { camp as connect } from "camp-client-node";
import type { ICAMPExtension } from "./index.js";
import { project, run } from "./programs.test.js";
import { join, start } from "./support.test.js";

describe("a session listener that fails", () => {
  const failures: [how: string, fail: () => unknown][] = [
    ["throws", () => assert.fail("listener")],
    ["rejects", () => Promise.reject(new assert.AssertionError({ message: "listener" }))],
  ];
  for (const [how, fail] of failures) {
    test(`because it ${how} is reported as error and disturbs neither session nor listeners`, async (t) => {
      const server = await start(t);
      let others = 0;
      server.on("session", fail);
      server.on("session", () => {
        others += 1;
      });
      const failed = once(server, "error");
      const { client } = await join(t, server);
      assert.equal(await client.base.SendUTF8("hello"), true);
      assert.equal(((await failed)[0] as Error).message, "listener");
      assert.equal(others, 1);
    });
  }

  test("without an error listener is an uncaught exception, and the session goes on if the process does", async (t) => {
    const program = `
      import { camp } from "camp-server";
      import { camp as connect } from "camp-client-node";
      process.on("uncaughtException", (error) => console.log("uncaught", error.message));
      const server = await camp({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
      server.on("session", () => { throw new Error("thrown"); });
      server.on("session", async () => { throw new Error("rejected"); });
      const client = await connect("127.0.0.1:" + server.port, "token");
      console.log("acknowledged", await client.base.SendUTF8("hello"));
      await server.Destroy();
    `;
    const { code, stdout } = await (await run(t, await project(t), "program.mjs", program)).ended;
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split("\n").sort(), ["acknowledged true", "uncaught rejected", "uncaught thrown"]);
  });
});

describe("a session event", () => {
  test("comes before anything of its session: listeners attached in it miss nothing", async (t) => {
    const server = await start(t);
    const events: string[] = [];
    server.on("session", (session) => {
      events.push(`session ${session.state}`);
      session.on("connected", () => events.push("connected"));
      session.on("message-utf8", (text) => events.push(text));
    });
    const client = await connect(`127.0.0.1:${server.port}`, "token");
    await Promise.all([client.base.SendUTF8("one"), client.base.SendUTF8("two")]);
    assert.deepEqual(events, ["session handshaking", "connected", "one", "two"]);
    await client.Close("done");
  });
});

describe("extensions of a server", () => {
  test("are known by their names and told of their coming and going", async (t) => {
    const server = await start(t);
    const told: unknown[] = [];
    const extension: ICAMPExtension = {
      name: "mine",
      on_register: (owner) => void told.push(owner),
      on_unregister: (owner) => void told.push(owner),
    };
    assert.equal(server.GetExtension("mine"), null);
    server.RegisterExtension(extension);
    assert.equal(server.GetExtension("mine"), extension);
    server.UnregisterExtension(extension);
    assert.equal(server.GetExtension("mine"), null);
    server.RegisterExtension({ name: "mine" });
    assert.equal(server.UnregisterExtension("mine"), true);
    assert.equal(server.UnregisterExtension("mine"), false);
    assert.deepEqual(told, [server, server]);
  });

  test("cannot take a name twice", async (t) => {
    const server = await start(t);
    server.RegisterExtension({ name: "mine" });
    assert.throws(() => server.RegisterExtension({ name: "mine" }), /"mine" is registered/);
    assert.throws(() => server.RegisterExtension({} as never), TypeError);
  });

  test("that fail are reported with their name and session, and the message goes on", async (t) => {
    const server = await start(t);
    const { client, session } = await join(t, server);
    const failure = new Error("hook");
    server.RegisterExtension({
      name: "broken",
      on_receive_utf8: (_session, box) => {
        box.value += " as the hook left it";
        throw failure;
      },
    });
    const reported = once(server, "extension-error");
    const received = once(session, "message-utf8");
    assert.equal(await client.base.SendUTF8("text"), true);
    assert.deepEqual(await received, ["text as the hook left it"]);
    const [name, error, where] = await reported;
    assert.deepEqual([name, error, where], ["broken", failure, session]);
  });

  test("apply to the sessions that run already, and no longer when they have gone", async (t) => {
    const server = await start(t);
    const { client, session } = await join(t, server);
    server.RegisterExtension({ name: "mute", before_send_utf8: async () => false });
    assert.equal(await session.base.SendUTF8("held back"), false);
    server.UnregisterExtension("mute");
    const received = once(client, "message-utf8");
    assert.equal(await session.base.SendUTF8("heard"), true);
    assert.deepEqual(await received, ["heard"]);
  });
});
