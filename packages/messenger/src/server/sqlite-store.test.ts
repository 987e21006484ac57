import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import Database from "libsql";
import type { Envelope } from "../protocol/index.js";
import { migrations } from "./schema.js";
import { SqliteStore } from "./sqlite-store.js";

const pageBytes = 4096;

function fileFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "messenger-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "store.db");
}

function envelope(id: string, from = "from"): Envelope {
  return { type: "msg", id, from, to: "to", encryptedMessage: "x".repeat(2000) };
}

describe("a server's file", () => {
  it("of the first version counts what waits in it", async (t) => {
    const path = fileFor(t);
    const old = new Database(path);
    old.exec(`${migrations[0]}; PRAGMA user_version = 1; INSERT INTO identities VALUES ('to', 'key')`);
    const insert = old.prepare(
      "INSERT INTO envelopes (recipient, sender, id, body, bytes, at) VALUES (?, ?, ?, ?, ?, 1)",
    );
    old.exec("BEGIN");
    for (let index = 0; index < 499; index++) {
      const body = JSON.stringify(envelope(`${index}`, `${index % 50}`));
      insert.run("to", `${index % 50}`, `${index}`, body, body.length);
    }
    old.exec("COMMIT");
    old.close();
    const store = new SqliteStore(path);
    assert.equal(await store.count("to"), 499);
    const answers = await Promise.all(["a", "b"].map((id) => store.accept(envelope(id), 1)));
    // 499 of 2 KB are less than a MiB: it is their number that counts.
    assert.deepEqual(answers, ["accepted", "mailbox-full"]);
    await store.acknowledge("to", "0", "0");
    assert.equal(await store.count("to"), 499);
    assert.equal(await store.accept(envelope("c"), 1), "accepted");
    await store.close();
  });

  it("that is damaged is named by whatever reads or writes it", async (t) => {
    const path = fileFor(t);
    const store = new SqliteStore(path);
    await store.saveIdentity("to", "key");
    await Promise.all(Array.from({ length: 50 }, (_, index) => store.accept(envelope(`${index}`), 1)));
    await store.close();
    const bytes = readFileSync(path);
    // The first page tells what there is; none of it can be read any more.
    writeFileSync(path, bytes.fill(0xa5, pageBytes));
    const damaged = new SqliteStore(path);
    const expected = {
      name: "StoreError",
      code: "STORE",
      message: `the store ${path} is damaged; restore it from a backup`,
    };
    await assert.rejects(damaged.serverKey(), expected);
    await assert.rejects(damaged.publicKey("to"), expected);
    await assert.rejects(damaged.waiting("to", 0, 9), expected);
    await assert.rejects(damaged.count("to"), expected);
    await assert.rejects(damaged.accept(envelope("new"), 1), expected);
    await damaged.close();
  });
});
