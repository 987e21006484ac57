import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { camp as connect } from "camp-client-node";
import { packageFolder, project, runFile } from "./programs.test.js";

// The page by which this package is known (spec: api.md): its examples run as printed. The page has lost its code fences,
// so the examples are found by what stands around them.

const repository = join(packageFolder, "..", "..");
let page: string;
before(async () => {
  const shared = join(repository, "..", "shared", "seeds", "camp-server.md");
  const copy = join(packageFolder, "fixtures", "seed-page.md");
  page = await readFile(shared, "utf8").catch(() => readFile(copy, "utf8"));
});

function between(start: string, end: string): string {
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

function serverExample(): string {
  return between("CAMP-Server / Example\n", "CAMPServerWebsocketSession / Overview");
}

/** What the page means: it has one hook twice under one name, names a variable that is not there, and asks for radix 16. */
function extensionExample(): string {
  let code = page.slice(page.indexOf("class LoggerExtension implements ICAMPExtension {"));
  const [outgoing, incoming] = splitBefore(code, "public async on_receive_utf8");
  const [text, binary] = splitBefore(incoming, "public async before_send_utf8");
  code =
    corrected(outgoing, "toString(16)", 'toString("hex")') +
    corrected(text, "outgoing_message.value", "incoming_message.value") +
    corrected(
      corrected(binary, "before_send_utf8", "on_receive_binary"),
      "outgoing_message.value.toString(16)",
      'incoming_message.value.toString("hex")',
    );
  return code;
}

function splitBefore(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  assert.ok(at >= 0, `the page does not say ${mark}`);
  return [text.slice(0, at), text.slice(at)];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

/** A user's project with this package under the name that the page imports, and the compiler's way with TypeScript there. */
async function compiled(t: TestContext, name: string, code: string): Promise<string> {
  const folder = await project(t, { "CAMP-server": packageFolder });
  const options = { target: "ES2022", module: "NodeNext", strict: true, types: ["node"] };
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: [name] }));
  await writeFile(join(folder, name), code);
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  await promisify(execFile)(process.execPath, [compiler, "-p", folder]).catch((error: { stdout: string }) => {
    assert.fail(`does not compile:\n${error.stdout}`);
  });
  return join(folder, name.replace("ts", "js"));
}

/** The example listens, and greets a client by its id. */
async function assertServes(t: TestContext, file: string, port: number): Promise<void> {
  const program = runFile(t, file);
  await program.printed(/^Server is listening\.\.\.$/m);
  const client = await connect(`127.0.0.1:${port}`, "MySuperSecretToken");
  await program.printed(new RegExp(`^Session ID: ${client.id}$`, "m"));
  await assert.rejects(connect(`127.0.0.1:${port}`, "another token"), { code: "UNAUTHORIZED" });
  await client.Close("done");
  const { stderr } = await program.stop();
  assert.equal(stderr, "");
}

describe("the page's server", () => {
  test("runs as printed", async (t) => {
    const port = await freePort();
    const code = corrected(serverExample(), "8080", String(port));
    await assertServes(t, await compiled(t, "server.mts", code), port);
  });

  test("runs in CommonJS, which awaits its import", async (t) => {
    const port = await freePort();
    const body = corrected(
      corrected(serverExample(), "8080", String(port)),
      'import {CAMP} from "CAMP-server";',
      'const {CAMP} = await import("CAMP-server");',
    );
    await assertServes(t, await compiled(t, "server.cts", `(async () => {${body}})();`), port);
  });

  test("runs in CommonJS that requires it", async (t) => {
    const port = await freePort();
    const body = corrected(serverExample(), "8080", String(port));
    const [before, after] = splitBefore(corrected(body, 'import {CAMP} from "CAMP-server";', ""), "const PORT");
    const code = `${before}import imported = require("CAMP-server");(async () => {const {CAMP} = imported;${after}})();`;
    const program = runFile(t, await compiled(t, "server.cts", code));
    await program.printed(/^Server is listening\.\.\.$/m);
  });
});

describe("the page's extension", () => {
  test("logs what its author meant", async (t) => {
    const code = `
      import {CAMP, type Box, type CAMPServerWebsocketSession, type ICAMPExtension} from "CAMP-server";
      import {camp as connect} from "camp-client-node";
      ${extensionExample()}
      const server = await CAMP({async validate() { return true; }}, {port: 0, host: "127.0.0.1"});
      server.RegisterExtension(new LoggerExtension());
      const accepted = new Promise<CAMPServerWebsocketSession>((resolve) => { server.on("session", resolve); });
      const client = await connect("127.0.0.1:" + server.port, "token");
      const session = await accepted;
      await session.base.SendUTF8("down");
      await session.base.SendBinary(Buffer.from([0xca, 0xfe]));
      await client.base.SendUTF8("up");
      await client.base.SendBinary(Buffer.from([0xbe, 0xef]));
      server.UnregisterExtension(server.GetExtension("unique_name_for_logger")!);
      await session.base.SendUTF8("not logged");
      await client.Close("done");
      await server.Destroy();
    `;
    const { code: exitCode, stdout, stderr } = await runFile(t, await compiled(t, "extension.mts", code)).ended;
    assert.equal(stderr, "");
    assert.equal(exitCode, 0);
    assert.deepEqual(stdout.trim().split("\n"), [
      'Outgoing UTF-8 message: "down"',
      'Outgoing binary message: "cafe"',
      'Incoming UTF-8 message: "up"',
      'Incoming binary message: "beef"',
    ]);
  });
});

describe("the page's interfaces", () => {
  test("fit ours", async (t) => {
    const validator = between("ITokenValidator\ninterface ITokenValidator {", "}This interface");
    const options = between("ICAMPWebsocketServerOptions\ninterface ICAMPWebsocketServerOptions {", "}This interface");
    const extension = between("export declare interface ICAMPExtension {", "}Example extension");
    const code = `
      import type {
        Box, CAMPServerWebsocketSession, CAMPWebsocketServer, ICAMPExtension, ICAMPWebsocketServerOptions, ITokenValidator,
      } from "CAMP-server";
      interface PageValidator {${validator}}
      interface PageOptions {${options}}
      interface PageExtension {${extension}}
      export const validator: (page: PageValidator) => ITokenValidator = (page) => page;
      export const options: (page: PageOptions) => ICAMPWebsocketServerOptions = (page) => page;
      export const extension: (page: PageExtension) => ICAMPExtension = (page) => page;
    `;
    await compiled(t, "interfaces.mts", code);
  });
});
