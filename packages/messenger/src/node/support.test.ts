import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Messenger, MessengerEvents } from "../client/index.js";
import { type MessengerServing, type ServeOptions, serveMessenger } from "../server/index.js";
import { openMessenger } from "./open.js";

// What the tests of this folder share. Everything ends with its test; contains none itself.

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs when the test is over, what was made last first. */
export function atTheEnd(t: TestContext, cleanup: () => unknown): void {
  const known = cleanups.get(t);
  if (known !== undefined) {
    known.push(cleanup);
    return;
  }
  const all = [cleanup];
  cleanups.set(t, all);
  t.after(async () => {
    for (const each of all.reverse()) await each();
  });
}

export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "messenger-"));
  atTheEnd(t, () => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function serve(t: TestContext, options: Partial<ServeOptions> = {}): Promise<MessengerServing> {
  const serving = await serveMessenger({ dataDir: folder(t), port: 0, host: "127.0.0.1", ...options });
  atTheEnd(t, () => serving.close());
  return serving;
}

export async function person(
  t: TestContext,
  { port }: { port: number },
  name: string,
  file = join(folder(t), "me.db"),
) {
  const messenger = await openMessenger({ server: `http://127.0.0.1:${port}`, file, name });
  atTheEnd(t, () => messenger.close());
  messenger.start();
  return messenger;
}

/** The arguments of the next event that fits. */
export function next<Name extends keyof MessengerEvents>(
  messenger: Messenger,
  name: Name,
  fits: (...args: MessengerEvents[Name]) => boolean = () => true,
): Promise<MessengerEvents[Name]> {
  return new Promise((resolve) => {
    const end = messenger.on(name, (...args) => {
      if (!fits(...args)) return;
      end();
      resolve(args);
    });
  });
}

const program = fileURLToPath(new URL("../../bin/messenger.mjs", import.meta.url));
const endWithInput = new URL("../../../../scripts/end-with-input.mjs", import.meta.url).href;

/** A command as somebody types it, in a process of its own that never outlives the one that runs it. */
export function command(args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ["--import", endWithInput, program, ...args]);
}

/** Two who have linked. */
export async function pair(t: TestContext, serving: { port: number }) {
  const [alice, bob] = [await person(t, serving, "Alice"), await person(t, serving, "Bob")];
  const linked = [next(alice, "contact", isLinked), next(bob, "contact", isLinked)];
  await bob.accept((await alice.invite("http://localhost/")).link);
  await Promise.all(linked);
  return { alice, bob };
}

const isLinked = ({ state }: { state: string }) => state === "linked";
