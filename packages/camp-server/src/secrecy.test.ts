import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { project, run } from "./programs.test.js";
import { ask, asking, join, start, token } from "./support.test.js";

/** The token in the forms in which it travels. */
const forms = [token, encodeURIComponent(token), JSON.stringify(token).slice(1, -1)];

function assertWithoutToken(what: string, text: string): void {
  for (const form of forms) assert.ok(!text.includes(form), `${what} holds the token`);
}

/** All that somebody could print of a value. */
function everythingOf(value: unknown): string {
  const json = JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? String(part) : part));
  return `${inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })}${json}`;
}

describe("the token", () => {
  test("is in nothing that servers and sessions show, not even while it is validated", async (t) => {
    const server = await start(t);
    const { client, session } = await join(t, server);
    for (const [name, value] of Object.entries({ server, session, client, info: session.info })) {
      if (name === "server") assertWithoutToken(name, inspect(value, { depth: 9 }));
      else assertWithoutToken(name, everythingOf(value));
    }
    const error = await session.Close("done").then(() => session.base.SendUTF8("late").catch((late) => late));
    assertWithoutToken("an error", everythingOf(error));
  });

  test("is in no diagnostics, also when the validator quotes it", async (t) => {
    const messages: unknown[] = [];
    const collect = (message: unknown) => messages.push(message);
    for (const name of ["camp:session", "camp:frame"]) {
      channel(name).subscribe(collect);
      t.after(() => channel(name).unsubscribe(collect));
    }
    let fails = false;
    const server = await start(t, {}, (given) => {
      if (fails) throw new Error(`cannot check ${given}`, { cause: given });
      return true;
    });
    const { client } = await join(t, server);
    await client.base.SendUTF8("hello");
    assert.equal((await ask(t, server, { query: `${asking(1n)}&${asking(1n)}` })).status, 401);
    fails = true;
    assert.equal((await ask(t, server, { query: asking(1n) })).status, 500);
    await client.Close("done");
    assert.ok(messages.length > 10);
    assertWithoutToken("a diagnostic", messages.map((message) => everythingOf(message)).join());
    const refused = messages.filter((message) => (message as { event?: string }).event === "refused");
    assert.deepEqual(
      refused.map((message) => (message as { status?: number }).status),
      [401, 500],
    );
    assert.match(inspect(refused[1]), /validate\(\) failed: cannot check <token>/);
  });

  for (const [name, value] of [
    ["NODE_DEBUG", "camp"],
    ["DEBUG", "camp:*"],
  ] as const) {
    test(`is not in what ${name}=${value} prints`, async (t) => {
      const program = `
        import { camp } from "camp-server";
        import { camp as connect } from "camp-client-node";
        const token = ${JSON.stringify(token)};
        const server = await camp({ validate: async (given) => given === token }, { port: 0, host: "127.0.0.1" });
        const client = await connect("127.0.0.1:" + server.port, token);
        await client.base.SendUTF8("hello");
        await connect("127.0.0.1:" + server.port, token + "!").catch(() => {});
        await server.Destroy();
      `;
      const running = await run(t, await project(t), "program.mjs", program, { [name]: value });
      const { code, stdout, stderr } = await running.ended;
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /admitted/);
      assert.match(stderr, /refused 401/);
      assertWithoutToken("the log", stderr);
    });
  }

  test("nothing is printed without being asked for", async (t) => {
    const program = `
      import { camp } from "camp-server";
      const server = await camp({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
      await server.Destroy();
    `;
    const running = await run(t, await project(t), "program.mjs", program);
    assert.deepEqual(await running.ended, { code: 0, signal: null, stdout: "", stderr: "" });
  });

  test("does not live on in memory with the request of a session", async (t) => {
    const program = `
      import { runInNewContext } from "node:vm";
      import { setFlagsFromString } from "node:v8";
      import { camp } from "camp-server";
      import { camp as connect } from "camp-client-node";
      setFlagsFromString("--expose-gc");
      const collectGarbage = runInNewContext("gc");
      const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
      const server = await camp({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
      const requests = [];
      server.http_server.on("upgrade", (request) => { requests.push(new WeakRef(request)); });
      const client = await connect("127.0.0.1:" + server.port, "token");
      await client.base.SendUTF8("hello");
      for (let turn = 0; turn < 100 && requests[0].deref() !== undefined; turn++) {
        await nextTurn();
        collectGarbage();
      }
      console.log(requests.length, requests[0].deref() === undefined, server.sessions.size);
      await client.Close("done");
      await server.Destroy();
    `;
    const { stdout, stderr } = await (await run(t, await project(t), "program.mjs", program)).ended;
    assert.deepEqual([stdout, stderr], ["1 true 1\n", ""]);
  });
});
