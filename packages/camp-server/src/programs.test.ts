import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

// Programs in processes of their own, as users write and run them. Shared by the tests of this folder; contains none itself.

/** The folder of this package, found from where this file was compiled to. */
export const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const nodeModules = join(packageFolder, "..", "..", "node_modules");

/** What a program did by the time it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. It is killed when its test ends. */
export interface Running {
  /** Resolves once it has printed text that matches; rejects if it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  stop(): Promise<Ended>;
}

/** A folder like a user's, in which the packages of this repository are installed, and others that are given. */
export async function project(t: TestContext, installed: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "camp-server-test-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules"));
  for (const name of ["@types", "undici-types", "camp-server", "camp-client-node"]) {
    await symlink(join(nodeModules, name), join(folder, "node_modules", name), "junction");
  }
  for (const [name, target] of Object.entries(installed)) {
    await symlink(target, join(folder, "node_modules", name), "junction");
  }
  return folder;
}

/** Writes a program into a project and runs it. */
export async function run(
  t: TestContext,
  folder: string,
  name: string,
  program: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  const file = join(folder, name);
  await writeFile(file, program);
  return runFile(t, file, env);
}

export function runFile(t: TestContext, file: string, env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [file], {
    cwd: dirname(file),
    env: { ...process.env, NODE_TEST_CONTEXT: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let heard = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
    heard();
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
  const stop = () => {
    child.kill("SIGKILL");
    return ended;
  };
  t.after(stop);
  return {
    ended,
    stop,
    async printed(pattern) {
      const over = ended.then(() => true);
      for (;;) {
        const match = pattern.exec(stdout);
        if (match !== null) return match;
        const more = new Promise<false>((resolve) => (heard = () => resolve(false)));
        if (await Promise.race([over, more])) throw new Error(`ended without ${pattern}:\n${stdout}${stderr}`);
      }
    },
  };
}
