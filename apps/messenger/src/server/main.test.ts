import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { openMessenger } from "messenger/node";

const main = fileURLToPath(new URL("main.js", import.meta.url));
const endWithInput = new URL("../../../../scripts/end-with-input.mjs", import.meta.url).href;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "messenger-app-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function start(t: TestContext, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ["--import", endWithInput, main, ...args]);
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** What it prints, until there are so many lines. */
function firstLines(child: ChildProcess, count: number): Promise<string> {
  return new Promise((resolve) => {
    let printed = "";
    child.stdout!.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (printed.split("\n").length > count) resolve(printed);
    });
  });
}

/** What a run that ends by itself says. */
async function run(t: TestContext, args: readonly string[]) {
  const child = start(t, args);
  const texts = [child.stdout!, child.stderr!].map((stream) => stream.setEncoding("utf8").toArray());
  const [code] = (await once(child, "close")) as [number];
  const [stdout = "", stderr = ""] = (await Promise.all(texts)).map((parts) => parts.join(""));
  return { code, stdout, stderr };
}

describe("npm start", () => {
  it("says what to open, serves it, and ends when it is interrupted", async (t) => {
    const child = start(t, ["--port", "0", "--data", folder(t)]);
    const [line] = (await once(child.stdout!.setEncoding("utf8"), "data")) as [string];
    const [, url] = /open (http:\/\/localhost:\d+) in a browser/.exec(line)!;
    const page = await fetch(url!);
    assert.match(await page.text(), /<div id="root">/);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "close"), [0, null]);
  });

  it("with --inspect shows who registers, beside what the sessions do", async (t) => {
    const child = start(t, ["--port", "0", "--data", folder(t), "--inspect"]);
    const printed = await firstLines(child, 2);
    const [, server] = /open (http:\/\/localhost:\d+) in a browser/.exec(printed)!;
    const inspector = new URL(/do: (http:\S+)/.exec(printed)![1]!);
    const messenger = await openMessenger({ server: server!, file: join(folder(t), "me.db"), name: "Ann" });
    messenger.start();
    const headers = { authorization: `Bearer ${inspector.hash.slice(1)}` };
    const { body } = await fetch(new URL("/steps", inspector), { headers });
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    while (!/registered.*\n/.test(told)) told += (await reader.read()).value;
    await reader.cancel();
    await messenger.close();
    const lines = told
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const { row } = lines.find(({ dialect }) => dialect === "messenger");
    const opened = lines.find((line) => line.row === row && line.handler === "open");
    assert.equal(opened.reason, `registered …${messenger.fingerprint.slice(-6)}`);
    assert.equal(opened.changed.state, "registered");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "close"), [0, null]);
  });

  it("says in one line that the port is taken", async (t) => {
    const other = createServer().listen(0);
    t.after(() => other.close());
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    assert.deepEqual(await run(t, ["--port", String(port), "--data", folder(t)]), {
      code: 1,
      stdout: "",
      stderr: "messenger: the port is taken; choose another with --port\n",
    });
  });

  it("says in one line that the folder cannot be used", async (t) => {
    const path = join(folder(t), "file");
    writeFileSync(path, "");
    const { code, stdout, stderr } = await run(t, ["--port", "0", "--data", path]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^messenger: .+\n$/);
  });

  it("says which options there are", async (t) => {
    const { code, stdout } = await run(t, ["--help"]);
    assert.equal(code, 0);
    for (const option of ["--port", "--host", "--data", "--origin", "--token", "--proxy"])
      assert.match(stdout, new RegExp(option));
  });

  it("takes no option that it does not know, and no port that is none", async (t) => {
    for (const args of [
      ["--prot", "1"],
      ["--port", "http"],
      ["--port", "70000"],
    ]) {
      const { code, stderr } = await run(t, args);
      assert.equal(code, 2);
      assert.match(stderr, /^messenger: .+; --help lists the options\n$/);
    }
  });
});
