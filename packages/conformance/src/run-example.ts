import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Example, firstMissing } from "./examples.js";
import { repositoryRoot } from "./repository.js";

/** How long an example may take to end or to print what the page says it prints. */
const patienceMs = 30_000;

/** What the examples of a page share: a folder as a reader's project would be, and the ports they were given. */
export class Workbench {
  readonly #folder: string;
  readonly #ports = new Map<string, number>();
  readonly #kept: Running[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), "camp-example-"));
    await symlink(join(repositoryRoot, "node_modules"), join(folder, "node_modules"), "junction");
    await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
    return new Workbench(folder);
  }

  /** Runs an example until it is over, or until it is ready if it goes on with the page. Throws when it goes wrong. */
  async run(example: Example): Promise<void> {
    if (example.file !== null) return writeFile(join(this.#folder, example.file), example.code);
    const name = `line-${example.line}${example.within === "vitest" ? ".test" : ""}`;
    const code = await this.#withFreePorts(example.within === "session" ? withinSession(example.code) : example.code);
    const file = join(this.#folder, `${name}.${example.language === "js" ? "mjs" : example.language}`);
    await writeFile(file, code);
    if (example.language === "ts") await this.#compile(file);
    const program = file.replace(/\.ts$/, ".js");
    const running = new Running(
      this.#folder,
      example.within === "vitest" ? vitest(program) : [program],
      example.output,
    );
    if (example.ends === "by itself") return running.ended();
    await running.printedAll();
    if (example.ends === "once printed") await running.stop();
    else this.#kept.push(running);
  }

  async close(): Promise<void> {
    await Promise.all(this.#kept.map((running) => running.stop()));
    await rm(this.#folder, { recursive: true });
  }

  /** The pages print the default port, which may be taken here: every 8080 and 9000 becomes a port that is free. */
  async #withFreePorts(code: string): Promise<string> {
    for (const [printed] of code.matchAll(/\b(?:8080|9000)\b/g)) {
      if (!this.#ports.has(printed)) this.#ports.set(printed, await freePort());
    }
    return code.replace(/\b(?:8080|9000)\b/g, (printed) => String(this.#ports.get(printed)));
  }

  async #compile(file: string): Promise<void> {
    // Strict, but not particular: examples leave parameters unused.
    const relaxed = { noUnusedLocals: false, noUnusedParameters: false };
    const options = {
      extends: join(repositoryRoot, "tsconfig.base.json"),
      compilerOptions: { types: ["node"], composite: false, declarationMap: false, declaration: false, ...relaxed },
      files: [file],
    };
    const project = join(this.#folder, "tsconfig.json");
    await writeFile(project, JSON.stringify(options));
    await compile(project);
  }
}

/** What makes Node run a test file with Vitest, which is to keep nothing. */
function vitest(file: string): string[] {
  return [join(repositoryRoot, "node_modules", "vitest", "vitest.mjs"), "run", "--no-cache", "--no-color", file];
}

/** A fragment works on a session that stands: `server`, its `session`, and the `client` at the other end. */
function withinSession(fragment: string): string {
  return `import { CAMP as startServer } from "camp-server";
import { CAMP as connect } from "camp-client-node";
import { once as onceEmitted } from "node:events";
const server = await startServer({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
await onceEmitted(server, "listening");
const accepted = onceEmitted(server, "session");
const client = await connect(\`127.0.0.1:\${server.port}\`, "token");
const [session] = await accepted;
${fragment}
await client.Close("end of the example");
await server.Destroy();
`;
}

/** An example that was started. */
class Running {
  readonly #child: ChildProcess;
  readonly #expected: readonly string[];
  readonly #closed: Promise<unknown>;
  #printed = "";
  #complaints = "";

  constructor(folder: string, args: readonly string[], expected: readonly string[]) {
    this.#expected = expected;
    this.#child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#printed += text;
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints += text;
    });
    this.#closed = once(this.#child, "close");
  }

  /** The example ends by itself and well, and has printed what it should. */
  async ended(): Promise<void> {
    await this.#within(this.#closed);
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw this.#error(`ended with ${exitCode ?? signalCode}`);
    const missing = firstMissing(this.#expected, this.#printed);
    if (missing !== null) throw this.#error(`did not print "${missing}"`);
  }

  /** The example has printed what it should and goes on. */
  async printedAll(): Promise<void> {
    const complete = new Promise<void>((resolve) => {
      this.#child.stdout!.on("data", () => {
        if (firstMissing(this.#expected, this.#printed) === null) resolve();
      });
    });
    await this.#within(Promise.race([complete, this.#closed]));
    const missing = firstMissing(this.#expected, this.#printed);
    if (missing !== null) throw this.#error(`did not print "${missing}"`);
    if (this.#child.exitCode !== null) throw this.#error("ended although it should go on");
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  async #within(waiting: Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs);
    try {
      await waiting;
    } finally {
      clearTimeout(timer);
    }
  }

  #error(what: string): Error {
    return new Error(`${what}; it printed:\n${this.#printed}${this.#complaints}`);
  }
}

function compile(project: string): Promise<void> {
  const compiler = join(repositoryRoot, "node_modules", "typescript", "bin", "tsc");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [compiler, "-p", project], (error, stdout) => {
      if (error === null) resolve();
      else reject(new Error(`does not compile\n${stdout}`));
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
