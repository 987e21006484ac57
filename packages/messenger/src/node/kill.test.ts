import assert from "node:assert/strict";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { it } from "node:test";
import { MemoryStore, Messenger } from "../client/index.js";
import { nodeWorld } from "./open.js";
import { atTheEnd, command, folder, next } from "./support.test.js";

/** The full test is `MESSENGER_KILLS=200 npm test -- messenger/dist/node/kill`: some minutes on two cores. */
const kills = Number(process.env.MESSENGER_KILLS ?? 20);

/** Waits a twentieth of what is asked: reconnecting is part of the test, waiting for it is not. */
const hastyClock = {
  now: () => Date.now(),
  after(ms: number, call: () => void) {
    const timer = setTimeout(call, ms / 20);
    return () => clearTimeout(timer);
  },
};

it(`a server that is killed ${kills} times loses nothing that it accepted, and nothing is shown twice`, async (t) => {
  const port = await freePort();
  const dataDir = folder(t);
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.diagnostic(`seed ${seed}`);
  let random = seed;
  let server: ChildProcessWithoutNullStreams | null = null;
  atTheEnd(t, () => server?.kill("SIGKILL"));
  const start = async () => {
    server = command(["serve", "--port", `${port}`, "--host", "127.0.0.1", "--data", dataDir]);
    await listening(server);
  };
  const person = async (name: string) => {
    const world = { ...nodeWorld(`http://127.0.0.1:${port}`), clock: hastyClock };
    const messenger = await Messenger.open({ store: new MemoryStore(), world, name });
    atTheEnd(t, () => messenger.close());
    messenger.start();
    return messenger;
  };
  await start();
  const [alice, bob] = [await person("Alice"), await person("Bob")];
  const shown: string[] = [];
  const accepted = new Set<number>();
  alice.on("status", ({ order, status }) => status !== "failed" && accepted.add(order));
  bob.on("message", ({ text }) => shown.push(text));
  const linked = next(bob, "contact", ({ state }) => state === "linked");
  await bob.accept((await alice.invite("http://localhost/")).link);
  await linked;

  for (let kill = 0; kill < kills; kill++) {
    await alice.send(bob.fingerprint, `${2 * kill}`);
    await alice.send(bob.fingerprint, `${2 * kill + 1}`);
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    // Any moment: while connecting, registering, storing, delivering, or idle.
    const killed = once(server!, "exit");
    const dying = server!;
    setTimeout(() => dying.kill("SIGKILL"), random % 120);
    await killed;
    await start();
  }
  while (shown.length < 2 * kills) await next(bob, "message");
  assert.deepEqual(
    shown,
    Array.from({ length: 2 * kills }, (_, index) => `${index}`),
  );
  while (accepted.size < 2 * kills) await next(alice, "status");
  assert.deepEqual(bob.contact(alice.fingerprint)!.gaps, []);
});

/** Resolves when the program has said where it listens. */
async function listening({ stdout, stderr }: ChildProcessWithoutNullStreams): Promise<void> {
  let complaints = "";
  stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const [first] = await Promise.race([once(stdout, "data"), once(stdout, "end")]);
  if (first === undefined) throw new Error(`the server did not start: ${complaints}`);
}

/**
 * A port that no connection is given as its own: whoever dials one of those while nobody listens may meet himself there, and the
 * server cannot have it back.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
