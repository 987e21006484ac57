import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { createServer, get } from "node:http";
import { describe, test } from "node:test";
import { CAMP, type CAMPWebsocketServer, camp, type ITokenValidator, OptionsError } from "./index.js";
import { project, run } from "./programs.test.js";
import { join, start } from "./support.test.js";

const validator: ITokenValidator = { validate: async () => true };
const anywhere = { port: 0, host: "127.0.0.1" };

/** A port that is taken until the test ends. */
async function takenPort(t: { after(action: () => unknown): void }): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("starting", () => {
  test("CAMP and camp are the same function", () => assert.equal(CAMP, camp));

  test("gives a plain promise of the server", async () => {
    const promise = camp(validator, anywhere);
    assert.equal(Object.getPrototypeOf(promise), Promise.prototype);
    const server = await promise;
    assert.ok(server instanceof EventEmitter);
    await server.Destroy();
  });

  test("picks a free port and tells it as soon as it is awaited", async (t) => {
    const server = await start(t);
    assert.ok(server.port > 0);
    await join(t, server);
  });

  test("calls a listening handler attached right after the await, and not before", async (t) => {
    const server = await start(t);
    let called = false;
    server.on("listening", () => {
      called = true;
    });
    await Promise.resolve();
    assert.equal(called, false);
    await nextTurn();
    await nextTurn();
    assert.equal(called, true);
  });

  test("calls a listening handler attached without an await", async () => {
    const server = await new Promise<CAMPWebsocketServer>((resolve, reject) => {
      camp(validator, anywhere).then((started) => started.on("listening", () => resolve(started)), reject);
    });
    await server.Destroy();
  });

  test("calls listening handlers that come much later, each once", async (t) => {
    const server = await start(t);
    let calls = 0;
    server.on("listening", () => {
      calls += 1;
    });
    await once(server, "listening");
    await once(server, "listening");
    await nextTurn();
    assert.equal(calls, 1);
  });

  test("tells an error handler attached after the await of a port in use", async (t) => {
    const port = await takenPort(t);
    const server = await camp(validator, { port, host: "127.0.0.1" });
    const [error] = (await once(server, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "EADDRINUSE");
    assert.ok(error.message.includes(String(port)));
    server.on("listening", () => assert.fail("listening"));
    await server.Destroy();
  });

  test("throws the error of a port in use if nobody listens", async (t) => {
    const port = await takenPort(t);
    const program = `
      import { camp } from "camp-server";
      process.on("exit", (code) => console.log("exit", code));
      await camp({ validate: async () => true }, { port: ${port}, host: "127.0.0.1" });
      console.log("started");
    `;
    const { code, stdout, stderr } = await (await run(t, await project(t), "program.mjs", program)).ended;
    assert.equal(code, 1);
    assert.match(stdout, /^started\nexit 1\n$/);
    assert.match(stderr, /EADDRINUSE/);
    assert.ok(stderr.includes(String(port)));
  });

  test("refuses to start without a validator", async () => {
    for (const wrong of [undefined, null, {}, { validate: true }, () => true]) {
      await assert.rejects(camp(wrong as never, anywhere), (error: Error) => {
        return error instanceof TypeError && /validate/.test(error.message);
      });
    }
  });

  test("refuses options that make no sense before anything starts", async (t) => {
    const port = await takenPort(t);
    await assert.rejects(camp(validator, { port, keepAliveInterval: 1 } as never), (error) => {
      assert.ok(error instanceof OptionsError);
      assert.equal(error.option, "keepAliveInterval");
      return true;
    });
  });

  test("gives the HTTP server underneath, which answers plain HTTP with 426", async (t) => {
    const server = await start(t);
    assert.equal(server.http_server.listening, true);
    const [response] = await once(get({ port: server.port, host: "127.0.0.1", agent: false }), "response");
    assert.equal(response.statusCode, 426);
    response.resume();
  });
});
