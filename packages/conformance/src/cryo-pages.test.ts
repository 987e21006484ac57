import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Example } from "./examples.js";
import { repositoryRoot } from "./repository.js";
import { Workbench } from "./run-example.js";

// The pages by which the Cryo packages are known (spec: api.md): their examples run as printed, their interfaces fit ours.

async function seedPage(name: string): Promise<string> {
  const shared = join(repositoryRoot, "..", "shared", "seeds", name);
  const copy = join(repositoryRoot, "packages", "conformance", "fixtures", name);
  return readFile(shared, "utf8").catch(() => readFile(copy, "utf8"));
}

/** What stands between two marks that must be there. */
function between(page: string, start: string, end: string): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end, from + start.length);
  assert.ok(from >= 0 && to > from, `the page has nothing between "${start}" and "${end}"`);
  return page.slice(from + start.length, to);
}

/** `text` with one thing replaced that must be there. */
function corrected(text: string, wrong: string, right: string): string {
  assert.ok(text.includes(wrong), `the page does not say ${wrong}`);
  return text.replace(wrong, right);
}

let line = 0;

function example(code: string, output: readonly string[], ends: Example["ends"] = "by itself"): Example {
  line += 1;
  return { page: "seed", line, language: "ts", code, file: null, output, ends, within: "module", skipped: null };
}

describe("the page of cryo-server", () => {
  let page: string;
  let bench: Workbench;
  before(async () => {
    page = await seedPage("cryo-server.md");
    bench = await Workbench.open();
  });
  after(() => bench.close());

  it("has a server that runs as printed, and a client reaches it", async () => {
    const server = between(page, "## Cryo-Server / Example\n\n```typescript\n", "```");
    await bench.run(example(server, ["Server is listening..."], "with the page"));
    const client = `
      import { cryo } from "cryo-client-node";
      const client = await cryo("localhost:8080", "MySuperSecretToken", false, 10000);
      console.log(await client.SendUTF8("hello"), client.id.length);
      const refused = await cryo("localhost:8080", "another token", false).catch((error) => error.code);
      console.log(refused);
      await client.Close();`;
    await bench.run(example(client, ["true 36", "UNAUTHORIZED"]));
  });

  it("has interfaces that fit ours", async () => {
    const options = between(page, "interface ICryoWebsocketServerOptions {", "\n```");
    const validator = between(page, "interface ITokenValidator {", "\n```");
    const extension = between(page, "export interface ICryoExtension {", "\n````");
    const code = `
      import type {
        Box, CryoServerWebsocketSession, ICryoExtension, ICryoWebsocketServerOptions, ITokenValidator,
      } from "cryo-server";
      interface PageValidator {${validator}
      interface PageOptions {${options}
      interface PageExtension {${extension}
      export const validator: (page: PageValidator) => ITokenValidator = (page) => page;
      export const options: (page: PageOptions) => ICryoWebsocketServerOptions = (page) => page;
      export const extension: (page: PageExtension) => ICryoExtension = (page) => page;
      console.log("fits");`;
    await bench.run(example(code, ["fits"]));
  });

  // It has one hook twice under one name, names a variable that is not there, and asks for radix 16.
  it("has an extension that logs what its author meant", async () => {
    const printed = between(page, "class LoggerExtension", "\n```");
    const at = printed.indexOf("public async on_receive_utf8");
    const incoming = printed.slice(at);
    const second = incoming.indexOf("public async before_send_utf8");
    const logger = [
      corrected(printed.slice(0, at), "toString(16)", 'toString("hex")'),
      corrected(incoming.slice(0, second), "outgoing_message.value", "incoming_message.value"),
      corrected(
        corrected(incoming.slice(second), "before_send_utf8", "on_receive_binary"),
        "outgoing_message.value.toString(16)",
        'incoming_message.value.toString("hex")',
      ),
    ].join("");
    const code = `
      import { once } from "node:events";
      import { cryo, type Box, type CryoServerWebsocketSession, type ICryoExtension } from "cryo-server";
      import { cryo as connect } from "cryo-client-node";
      class LoggerExtension${logger}
      const server = await cryo({ async validate() { return true; } }, { use_cale: true, port: 0, host: "127.0.0.1" });
      server.RegisterExtension(new LoggerExtension());
      const accepted = once(server, "session");
      const client = await connect("127.0.0.1:" + server.port, "token", true);
      const [session] = (await accepted) as [CryoServerWebsocketSession];
      await session.SendUTF8("down");
      await session.SendBinary(Buffer.from([0xca, 0xfe]));
      await client.SendUTF8("up");
      await client.SendBinary(Buffer.from([0xbe, 0xef]));
      await client.Close("done");
      await server.Destroy();`;
    await bench.run(
      example(code, [
        'Outgoing UTF-8 message: "down"',
        'Outgoing binary message: "cafe"',
        'Incoming UTF-8 message: "up"',
        'Incoming binary message: "beef"',
      ]),
    );
  });

  it("names methods, events and defaults that are there", async () => {
    const code = `
      import { once } from "node:events";
      import { cryo } from "cryo-server";
      import { cryo as connect } from "cryo-client-node";
      const server = await cryo({ validate: async () => true }, { use_cale: false, port: 0, host: "127.0.0.1", keepAliveIntervalMs: 20 });
      const accepted = once(server, "session");
      const client = await connect("127.0.0.1:" + server.port, "token");
      const [session] = await accepted;
      session.Set("key", { any: "value" });
      console.log(session.Get("key").any, (await session.SendPing()) >= 0);
      const events = ["stat-rtt", "stat-bytes-rx", "stat-bytes-tx", "stat-ack-timeout"].map((name) => once(session, name));
      await session.SendUTF8("text");
      console.log((await Promise.all(events)).every(([figure]) => typeof figure === "number"));
      const closed = once(client, "closed");
      session.Destroy();
      console.log((await once(client, "disconnected"))[0]);
      client.Destroy();
      console.log((await closed)[0]);
      await server.Destroy();`;
    await bench.run(example(code, ["value true", "true", "1006", "1006"]));
  });
});

describe("the page of cryo-client-browser", () => {
  it("has a client that runs as printed where there is a process, against a server with and without CALE", async () => {
    const page = await seedPage("cryo-client-browser.md");
    const printed = between(page, "Cryo-Client / Example\n", "CALE - Cryo application level encryption");
    const bench = await Workbench.open();
    try {
      for (const useCale of [false, true]) {
        const server = `
          import { cryo } from "cryo-server";
          const server = await cryo({ validate: async (token: string) => token === "seed" }, { use_cale: ${useCale}, port: 8080 });
          server.on("listening", () => console.log("listening"));
          server.on("session", (session) => session.on("connected", () => setImmediate(() => server.Destroy())));`;
        await bench.run(example(server, ["listening"], "with the page"));
        let code = corrected(printed, "cryo-client-browser", "cryo-client-node");
        code = corrected(code, "process.env.CRYO_AUTH_TOKEN", '"seed"');
        if (useCale) code = corrected(code, "TOKEN, false", "TOKEN, true");
        await bench.run(
          example(`${code}\nclient.on("disconnected", () => client.Destroy());`, ["Successfully connected to ..."]),
        );
      }
    } finally {
      await bench.close();
    }
  });
});
