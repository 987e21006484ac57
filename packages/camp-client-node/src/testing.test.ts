import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

// Programs that run in processes of their own and end with their test. Shared by the tests; contains none itself.

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** Runs a module in a process of its own. It sees the packages, and `process.argv[1]` onwards are the arguments. */
export function runModule(t: TestContext, source: string, args: readonly string[] = []): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source, "--", ...args], {
    cwd: packageFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  });
  return child;
}

/** Resolves with all that the process printed, once it has ended by itself with success. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = "";
  let errors = "";
  child.stdout?.on("data", (data) => {
    output += data;
  });
  child.stderr?.on("data", (data) => {
    errors += data;
  });
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`ended with ${code ?? signal}: ${errors}`);
  return output;
}

const serverSource = `
import { camp } from "camp-server";
const server = await camp({ validate: async (token) => token === "secret" }, { port: Number(process.argv[1]) });
server.on("session", (session) => {
  session.on("message-utf8", (text) => {
    console.log("got " + text);
    void session.base.SendUTF8("echo " + text);
  });
});
server.on("listening", () => console.log("port " + server.port));
`;

/** A server in a process of its own: the only kind that can be killed. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #wake = (): void => undefined;
  port = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    let rest = "";
    child.stdout?.on("data", (data) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop() ?? "";
      this.#lines.push(...lines);
      this.#wake();
    });
  }

  /** @param port 0 for any that is free */
  static async start(t: TestContext, port = 0): Promise<ServerProcess> {
    const server = new ServerProcess(runModule(t, serverSource, [String(port)]));
    server.port = Number((await server.line()).replace("port ", ""));
    return server;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    while (this.#lines.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#lines.shift() ?? "";
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
