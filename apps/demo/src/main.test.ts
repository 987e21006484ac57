import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.js", import.meta.url));
const repository = fileURLToPath(new URL("../../../", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A demo that was started, with a folder for temporary files that is its alone. */
class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], folder: string) {
    const env = { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder };
    this.child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(this.child, "close").then(([code]) => ({ code, stdout: this.#stdout, stderr: this.#stderr }));
  }

  /** Waits until something was printed and gives what the parentheses in the pattern matched. */
  async printed(pattern: RegExp): Promise<string> {
    const early = this.ended.then(({ stdout, stderr }) => {
      throw new Error(`ended before it printed ${pattern}:\n${stdout}${stderr}`);
    });
    const found = new Promise<string>((resolve) => {
      const look = () => {
        const match = pattern.exec(this.#stdout);
        if (match !== null) resolve(match[1] ?? match[0]);
      };
      this.child.stdout!.on("data", look);
      look();
    });
    return Promise.race([found, early]);
  }
}

describe("the demo", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "camp-demo-test-"));
  });
  after(() => rm(folder, { recursive: true }));

  const run = (...args: string[]) => new Run(args, folder);

  it("does its job once, prints what happened and leaves no file behind", async () => {
    const { code, stdout, stderr } = await run("--once", "--port", "0", "--size-mb", "4").ended;
    assert.equal(stderr, "");
    assert.equal(code, 0);
    for (const step of [
      "making the file",
      "echoing text",
      "echoing binary",
      "pushing the file",
      "pulling it by ranges",
    ]) {
      assert.match(stdout, new RegExp(`^ {2}${step} +100 %`, "m"));
    }
    assert.match(stdout, /^ {2}text, echoed +5 000 +\d/m);
    assert.match(stdout, /^ {2}push to the server +1 stream +4\.0 MB +[\d.]+ s +[\d ]+ MB\/s$/m);
    assert.match(stdout, /^ {2}pull from the server +1 ranges? +4\.0 MB +[\d.]+ s +[\d ]+ MB\/s$/m);
    assert.match(stdout, /^ {2}memory of the server +[\d.]+ MB before the transfers/m);
    const hashes = [...stdout.matchAll(/SHA-256 .* ([0-9a-f]{64})$/gm)].map((match) => match[1]);
    assert.equal(hashes.length, 3);
    assert.equal(new Set(hashes).size, 1);
    assert.doesNotMatch(stdout, /stays up/);
    assert.deepEqual(await readdir(folder), []);
  });

  it("stays up for the reader's client, which the printed line connects, until Ctrl-C", async () => {
    const demo = run("--port", "0", "--size-mb", "1");
    const line = await demo.printed(/^ {2}(node --input-type=module .*)$/m);
    const reader = spawn(line, { shell: true, cwd: repository, stdio: ["ignore", "pipe", "inherit"] });
    let answer = "";
    reader.stdout!.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    const [code] = await once(reader, "close");
    assert.equal(code, 0);
    assert.equal(answer, "hello\n");
    await demo.printed(/session \d+ closed: 4000 bye/);
    demo.child.kill("SIGINT");
    const ended = await demo.ended;
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /Closing\.\n$/);
    assert.deepEqual(await readdir(folder), []);
  });

  it("leaves nothing behind when it is interrupted in the middle", async () => {
    const demo = run("--once", "--port", "0", "--size-mb", "500");
    await demo.printed(/making the file/);
    demo.child.kill("SIGTERM");
    const { code, stderr } = await demo.ended;
    assert.equal(stderr, "demo: interrupted\n");
    assert.equal(code, 130);
    assert.deepEqual(await readdir(folder), []);
  });

  it("prints its options", async () => {
    const { code, stdout } = await run("--help").ended;
    assert.equal(code, 0);
    for (const option of ["--port", "--size-mb", "--once", "--help"]) assert.ok(stdout.includes(`  ${option}`), option);
  });

  const refused: ReadonlyArray<readonly [readonly string[], RegExp]> = [
    [["--speed"], /^demo: Unknown option '--speed'; --help lists the options\n$/],
    [
      ["--port", "high"],
      /^demo: --port must be a whole number from 0 to 65535, not "high"; --help lists the options\n$/,
    ],
    [["--port", "65536"], /^demo: --port must be a whole number from 0 to 65535, not "65536"/],
    [["--size-mb", "0"], /^demo: --size-mb must be a whole number from 1 to 10000, not "0"/],
    [["--port"], /^demo: Option '--port <value>' argument missing; --help lists the options\n$/],
    [["extra"], /^demo: Unexpected argument 'extra'[^\n]*\n$/],
  ];
  for (const [args, line] of refused) {
    it(`refuses ${args.join(" ")} in one line`, async () => {
      const { code, stdout, stderr } = await run(...args).ended;
      assert.match(stderr, line);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    });
  }

  it("tells of a port in use in one line", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    assert.ok(address !== null && typeof address === "object");
    const { code, stderr } = await run("--once", "--port", `${address.port}`).ended;
    taken.close();
    assert.equal(stderr, `demo: port ${address.port} is in use; choose another with --port, or --port 0 for any\n`);
    assert.equal(code, 1);
  });
});
