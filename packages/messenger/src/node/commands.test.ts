import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { atTheEnd, command, folder, next, person, serve } from "./support.test.js";

// The commands as somebody types them: processes against a server, what they print, and how they end.

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
class Running {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #out = "";
  #err = "";
  #heard = () => {};

  constructor(t: TestContext, args: readonly string[]) {
    const child = command(args);
    this.#child = child;
    child.stdout.on("data", (chunk) => {
      this.#out += chunk;
      this.#heard();
    });
    child.stderr.on("data", (chunk) => {
      this.#err += chunk;
    });
    this.ended = once(child, "close").then(([code]) => ({ code, out: this.#out, err: this.#err }));
    atTheEnd(t, async () => {
      child.kill();
      await this.ended;
    });
  }

  /** The first match in what it has printed, as soon as there is one. Fails when it ends without. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const [found] = pattern.exec(this.#out) ?? [];
      if (found !== undefined) return found;
      const heard = new Promise<"heard">((resolve) => {
        this.#heard = () => resolve("heard");
      });
      const ended = await Promise.race([heard, this.ended]);
      if (ended !== "heard" && !pattern.test(this.#out)) assert.fail(`ended with ${ended.code}: ${ended.err}`);
    }
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }
}

/** A port that nobody listens on: somebody just did. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

const run = (t: TestContext, ...args: string[]) => new Running(t, args);
const linkPattern = /http:\S+#s1\.\S+\n/;

describe("npx messenger", () => {
  it("links two, sends, and prints what arrives", async (t) => {
    const { port } = await serve(t);
    const [server, dir] = [["--server", `http://127.0.0.1:${port}`], folder(t)];
    const [alice, bob] = [
      [...server, "--file", join(dir, "alice.db")],
      [...server, "--file", join(dir, "bob.db")],
    ];
    const inviting = run(t, "invite", ...alice, "--name", "Alice");
    const link = (await inviting.says(linkPattern)).trim();
    assert.match(link, new RegExp(`^http://127\\.0\\.0\\.1:${port}/#s1\\.`));
    const accepted = await run(t, "accept", link, ...bob, "--name", "Bob").ended;
    assert.deepEqual([accepted.code, accepted.err], [0, ""]);
    assert.match(accepted.out, /^linked with Alice \([\w-]{43}\)\n$/);
    const invited = await inviting.ended;
    assert.match(invited.out, /\nlinked with Bob \([\w-]{43}\)\n$/);
    assert.equal(invited.code, 0);

    const waiting = await run(t, "send", "Alice", "first", ...bob, "--timeout", "2").ended;
    assert.deepEqual(waiting, { code: 0, out: "accepted by the server; not delivered yet\n", err: "" });
    const listening = run(t, "listen", ...alice);
    await listening.says(/^Bob: first\n/);
    const sent = await run(t, "send", "Alice", "\u001b[2J<b>\u202e", ...bob).ended;
    assert.deepEqual(sent, { code: 0, out: "delivered\n", err: "" });
    await listening.says(/\nBob: \\u\{1b\}\[2J<b>\\u\{202e\}\n/);
    const busy = await run(t, "listen", ...alice).ended;
    assert.equal(busy.code, 1);
    assert.match(busy.err, /^messenger: the store \S+alice\.db is in use by another process\n$/);
    listening.interrupt();
    assert.equal((await listening.ended).code, 0);

    const again = await run(t, "accept", link, ...server, "--file", join(dir, "carol.db"), "--timeout", "1").ended;
    assert.deepEqual([again.code, again.out], [1, ""]);
    const listeningAgain = run(t, "listen", ...alice, "--json");
    const used = await run(t, "accept", link, ...server, "--file", join(dir, "dave.db")).ended;
    assert.deepEqual(used, { code: 1, out: "", err: "messenger: this invitation was used already or is over\n" });
    await run(t, "send", "Alice", "as JSON", ...bob).ended;
    const message = JSON.parse(await listeningAgain.says(/\{.*\}\n/));
    assert.deepEqual([message.text, message.direction], ["as JSON", "in"]);
    const known = await run(t, "accept", link, ...bob).ended;
    assert.deepEqual([known.code, known.err], [1, "messenger: who made this link is a contact already\n"]);
  });

  it("names who used the link, also when that is somebody who links anew", async (t) => {
    const serving = await serve(t);
    const dir = folder(t);
    const [aliceFile, bobFile, lostFile] = ["alice.db", "bob.db", "lost.db"].map((name) => join(dir, name));
    const [alice, young] = [await person(t, serving, "Alice", aliceFile), await person(t, serving, "Bob", bobFile)];
    await young.close();
    copyFileSync(bobFile!, lostFile!);
    for (const guest of [await person(t, serving, "Bob", bobFile), await person(t, serving, "Carol")]) {
      const linked = next(alice, "invite");
      await guest.accept((await alice.invite("http://localhost/")).link);
      await linked;
      await guest.close();
    }
    await alice.close();
    const server = `http://127.0.0.1:${serving.port}`;
    const inviting = run(t, "invite", "--server", server, "--file", aliceFile!);
    const link = (await inviting.says(linkPattern)).trim();
    // Who has lost all but the keys.
    const lost = await person(t, serving, "Bob", lostFile);
    await lost.accept(link);
    assert.match((await inviting.ended).out, new RegExp(`\nlinked with Bob \\(${lost.fingerprint}\\)\n$`));
  });

  const refused: Record<string, { args: (dir: string) => string[] | Promise<string[]>; code: number; err: RegExp }> = {
    "a link that is none": {
      args: (dir) => ["accept", "http://localhost/#s1.broken", "--file", join(dir, "a.db")],
      ...{ code: 1, err: /^messenger: the link cannot be used: .*; ask for it to be sent again, whole\n$/ },
    },
    "a contact that it does not know": {
      args: (dir) => ["send", "Nobody", "hello", "--file", join(dir, "a.db")],
      ...{ code: 1, err: /^messenger: no contact of this name or fingerprint\n$/ },
    },
    "no server": {
      async args(dir) {
        const server = `http://127.0.0.1:${await closedPort()}`;
        return ["invite", "--server", server, "--file", join(dir, "a.db"), "--timeout", "1"];
      },
      ...{ code: 1, err: /^messenger: the server cannot be reached\n$/ },
    },
    "a folder that does not exist": {
      args: (dir) => ["listen", "--file", join(dir, "none", "a.db")],
      ...{ code: 1, err: /^messenger: the store \S+ cannot be opened: its folder does not exist\n$/ },
    },
    "a name that is too long": {
      args: (dir) => ["listen", "--name", "x".repeat(65), "--file", join(dir, "a.db")],
      ...{ code: 1, err: /^messenger: a name has at most 64 bytes\n$/ },
    },
    "an unknown command": { args: () => ["shout"], code: 2, err: /^messenger: there is no command shout\n\nusage: / },
    "a missing argument": {
      args: () => ["send", "Bob"],
      code: 2,
      err: /^messenger: send takes 2 arguments, got 1\n\nusage: /,
    },
    "an unknown option": { args: () => ["listen", "--loud"], code: 2, err: /^messenger: .*--loud.*\n/ },
    "a server that is no address": {
      args: () => ["listen", "--server", "localhost"],
      ...{ code: 2, err: /^messenger: --server is written like https:\/\/chat\.example, got localhost\n/ },
    },
    "a number out of range": {
      args: () => ["invite", "--hours", "169"],
      ...{ code: 2, err: /^messenger: --hours is a number from 0 to 168, got 169\n/ },
    },
  };
  for (const [name, { args, code, err }] of Object.entries(refused)) {
    it(`says in a line what is wrong with ${name}`, async (t) => {
      const ended = await run(t, ...(await args(folder(t)))).ended;
      assert.match(ended.err, err);
      // An invitation's link is printed before the server is needed.
      assert.equal(ended.code, code);
      assert.ok(!ended.err.includes("    at "), "a stack is printed");
    });
  }

  it("says in a line that a port is taken or a folder is not writable", async (t) => {
    const { port } = await serve(t);
    const dir = folder(t);
    const taken = await run(t, "serve", "--host", "127.0.0.1", "--port", `${port}`, "--data", dir).ended;
    assert.equal(taken.code, 1);
    assert.match(taken.err, /^messenger: .*the port is taken; choose another with --port\n$/);
    const file = join(dir, "messenger.db", "data");
    const unwritable = await run(t, "serve", "--port", "0", "--data", file).ended;
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.err, /^messenger: the store \S+ [^\n]*\n$/);
  });

  it("leaves a file alone that is no store of it", async (t) => {
    const file = join(folder(t), "letter.txt");
    const text = "dear all, this is no database, and longer than the head of one: ".repeat(20);
    writeFileSync(file, text, { mode: 0o644 });
    const { code, err } = await run(t, "listen", "--file", file).ended;
    assert.equal(code, 1);
    assert.match(err, /^messenger: the store \S+letter\.txt is no database of this program\n$/);
    assert.equal(readFileSync(file, "utf8"), text);
    assert.equal(statSync(file).mode & 0o777, 0o644);
  });

  it("lists its options", async (t) => {
    const { code, out } = await run(t, "--help").ended;
    assert.equal(code, 0);
    assert.match(out, /^usage: messenger COMMAND/);
  });
});
