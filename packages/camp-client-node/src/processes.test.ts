import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { camp } from "camp-client-node";
import { outputOf, runModule, ServerProcess } from "./testing.test.js";

const quickly = { minDelayMs: 20, maxDelayMs: 50, maxAttempts: 1000 };

test("a client outlives its server: what is sent meanwhile arrives after the restart, in order", async (t) => {
  const first = await ServerProcess.start(t);
  const client = await camp(first.host, "secret", { reconnect: quickly });
  t.after(() => client.Destroy());
  const echoes: string[] = [];
  client.on("message-utf8", (text) => echoes.push(text));
  await client.base.SendUTF8("before");
  assert.equal(await first.line(), "got before");
  const disconnected = once(client, "disconnected");
  await first.kill();
  await disconnected;
  const sent = ["one", "two", "three"].map((text) => client.base.SendUTF8(text));
  const reconnected = once(client, "reconnected");
  const second = await ServerProcess.start(t, first.port);
  await reconnected;
  assert.deepEqual(await Promise.all(sent), [true, true, true]);
  assert.deepEqual(
    [await second.line(), await second.line(), await second.line()],
    ["got one", "got two", "got three"],
  );
  while (echoes.length < 4) await once(client, "message-utf8");
  assert.deepEqual(echoes, ["echo before", "echo one", "echo two", "echo three"]);
});

const programs: [what: string, source: string, output: string][] = [
  [
    "after Close",
    `const session = await camp(host, "secret");
     session.on("closed", (code) => console.log("closed " + code));
     await session.base.SendUTF8("hello");
     await session.Close("done");`,
    "closed 4000\n",
  ],
  [
    "after Destroy, also before connected",
    `const session = await camp(host, "secret");
     session.on("closed", (code, reason) => console.log("closed " + code + " " + reason));
     session.Destroy();`,
    "closed 1006 destroyed\n",
  ],
  [
    "after Close while it reconnects",
    `const session = await camp(host, "secret", { reconnect: { minDelayMs: 60000 } });
     session.on("disconnected", () => session.Close());
     session.on("closed", (code) => console.log("closed " + code));
     session.base.SendUTF8("end me");`,
    "closed 4000\n",
  ],
  ["after a refusal", `await camp(host, "wrong").catch((error) => console.log(error.code));`, "UNAUTHORIZED\n"],
];
for (const [what, source, output] of programs) {
  test(`a process ends by itself ${what}`, async (t) => {
    const server = await ServerProcess.start(t);
    const child = runModule(t, `import { camp } from "camp-client-node"; const host = process.argv[1]; ${source}`, [
      server.host,
    ]);
    const printed = outputOf(child);
    if (source.includes("end me")) {
      await server.line();
      await server.kill();
    }
    assert.equal(await printed, output);
  });
}

test("a process whose only session is reconnecting stays alive", async (t) => {
  const server = await ServerProcess.start(t);
  const source = `
    import { camp } from "camp-client-node";
    const session = await camp(process.argv[1], "secret", { reconnect: { minDelayMs: 20, maxDelayMs: 50, maxAttempts: 5 } });
    session.on("closed", (code, reason) => console.log(code + " " + reason));
    session.base.SendUTF8("hello");`;
  const printed = outputOf(runModule(t, source, [server.host]));
  await server.line();
  await server.kill();
  assert.equal(await printed, "1006 REFUSED, attempt 5 to reconnect\n");
});

test("the package can be required", async (t) => {
  const source = `
    import { createRequire } from "node:module";
    const { camp, ConnectError } = createRequire(process.cwd() + "/x.cjs")("camp-client-node");
    console.log(typeof camp, typeof ConnectError);`;
  assert.equal(await outputOf(runModule(t, source)), "function function\n");
});
