import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import Database from "libsql";
import { type Envelope, mailboxMs, rememberedPerSender } from "../protocol/index.js";
import { SqliteStore } from "./sqlite-store.js";
import type { MessengerStore } from "./store.js";
import { randomText } from "./support.test.js";

/** Opens what was closed, or something empty. */
type Open = () => MessengerStore;

const recipient = randomText(32);
const envelope = (from = randomText(32), to = recipient, bytes = 100): Envelope => ({
  ...{ type: "msg", id: randomText(16), from, to, encryptedMessage: randomText(bytes) },
});

/** What every store has to do. Another implementation is added by another call of this. */
function storeContract(name: string, create: (t: TestContext) => Open): void {
  const opened = async (t: TestContext) => {
    const open = create(t);
    const store = open();
    await store.saveIdentity(recipient, "key");
    return { store, open };
  };

  describe(`${name} as a store`, () => {
    it("keeps the server's key and public keys across a restart", async (t) => {
      const { store, open } = await opened(t);
      assert.equal(await store.serverKey(), null);
      await store.saveServerKey({ kty: "EC", x: "1" });
      await store.close();
      const again = open();
      assert.deepEqual(await again.serverKey(), { kty: "EC", x: "1" });
      assert.equal(await again.publicKey(recipient), "key");
      assert.equal(await again.publicKey("nobody"), null);
      await again.close();
    });

    it("hands out what waits in order, across a restart, and never a number twice", async (t) => {
      const { store, open } = await opened(t);
      const sent = [envelope(), envelope(), envelope()];
      for (const each of sent) assert.equal(await store.accept(each, 1), "accepted");
      await store.close();
      const again = open();
      const waiting = await again.waiting(recipient, 0, 10);
      assert.deepEqual(
        waiting.map((each) => each.envelope),
        sent,
      );
      for (const { envelope: each } of waiting) await again.acknowledge(recipient, each.from, each.id);
      assert.equal(await again.count(recipient), 0);
      await again.accept(envelope(), 1);
      assert.ok((await again.waiting(recipient, 0, 10))[0]!.seq > waiting[2]!.seq);
      await again.close();
    });

    it("accepts the same again, before and after the ack, and calls another with its id a conflict", async (t) => {
      const { store } = await opened(t);
      const sent = envelope();
      assert.equal(await store.accept(sent, 1), "accepted");
      assert.equal(await store.accept(sent, 1), "again");
      await store.acknowledge(recipient, sent.from, sent.id);
      assert.equal(await store.accept(sent, 1), "again");
      assert.equal(await store.accept({ ...sent, encryptedMessage: "other" }, 1), "conflict");
      assert.equal(await store.count(recipient), 0);
      await store.close();
    });

    it("deletes for the right recipient and sender alone", async (t) => {
      const { store } = await opened(t);
      const sent = envelope();
      await store.accept(sent, 1);
      await store.acknowledge("somebody", sent.from, sent.id);
      await store.acknowledge(recipient, "somebody", sent.id);
      assert.equal(await store.count(recipient), 1);
      await store.close();
    });

    it("refuses what is for nobody, and what goes beyond 64 of a pair, 500, or a MiB", async (t) => {
      const { store } = await opened(t);
      assert.equal(await store.accept(envelope("a", "nobody"), 1), "unknown-recipient");
      const fill = (senders: number, bytes: number) =>
        Promise.all(
          Array.from({ length: senders * 64 }, (_, index) => {
            return store.accept(envelope(`sender ${index % senders}`, recipient, bytes), 1);
          }),
        );
      assert.ok((await fill(1, 10)).every((answer) => answer === "accepted"));
      assert.equal(await store.accept(envelope("sender 0"), 1), "mailbox-full");
      const many = await fill(9, 10);
      assert.equal(many.filter((answer) => answer === "accepted").length, 500 - 64);
      await store.saveIdentity("heavy", "key");
      const heavy = Array.from({ length: 400 }, (_, index) => store.accept(envelope(`${index}`, "heavy", 2800), 1));
      const answers = await Promise.all(heavy);
      assert.ok(answers.includes("mailbox-full"));
      assert.equal(answers.indexOf("mailbox-full"), answers.lastIndexOf("accepted") + 1);
      await store.close();
    });

    it("forgets what is older than seven days, and ids beyond the newest 10 000 of a sender", async (t) => {
      const { store } = await opened(t);
      const first = envelope("a");
      await store.accept(first, 1);
      await store.forget(mailboxMs);
      assert.equal(await store.count(recipient), 1);
      await store.forget(mailboxMs + 2);
      assert.equal(await store.count(recipient), 0);
      assert.equal(await store.accept(first, mailboxMs), "accepted");
      for (let index = 0; index < rememberedPerSender; index += 50) {
        const batch = Array.from({ length: 50 }, () => envelope("a"));
        await Promise.all(batch.map((each) => store.accept(each, mailboxMs)));
        await Promise.all(batch.map((each) => store.acknowledge(recipient, "a", each.id)));
      }
      await store.acknowledge(recipient, "a", first.id);
      assert.equal(await store.accept(first, mailboxMs), "again");
      await store.forget(mailboxMs);
      assert.equal(await store.accept(first, mailboxMs), "accepted");
      await store.close();
    });
  });
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "messenger-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

storeContract("a SQLite file", (t) => {
  const path = join(folder(t), "store.db");
  return () => new SqliteStore(path);
});

describe("a SQLite file", () => {
  it("is of one process at a time", async (t) => {
    const path = join(folder(t), "store.db");
    const store = new SqliteStore(path);
    assert.throws(() => new SqliteStore(path), { code: "STORE", message: /in use by another process/ });
    await store.close();
  });

  it("says what is wrong with a folder, a file of something else, and a file of a later version", async (t) => {
    const path = folder(t);
    assert.throws(() => new SqliteStore(join(path, "no", "store.db")), { message: /its folder does not exist/ });
    copyFileSync(process.execPath, join(path, "node.db"));
    assert.throws(() => new SqliteStore(join(path, "node.db")), { message: /is no database/ });
    const later = new Database(join(path, "later.db"));
    later.exec("PRAGMA user_version = 99");
    later.close();
    assert.throws(() => new SqliteStore(join(path, "later.db")), { message: /later version/ });
  });

  it("keeps what was accepted when the disk is full", async (t) => {
    const path = join(folder(t), "store.db");
    const store = new SqliteStore(path);
    await store.saveIdentity(recipient, "key");
    const sent = envelope();
    await store.accept(sent, 1);
    store.limitPages(1);
    const filling = Array.from({ length: 60 }, () => store.accept(envelope(randomText(32), recipient, 2900), 1));
    const answers = await Promise.allSettled(filling);
    assert.ok(answers.every((answer) => answer.status === "rejected" && /disk is full/.test(answer.reason.message)));
    await store.close();
    const again = new SqliteStore(path);
    assert.deepEqual(
      (await again.waiting(recipient, 0, 9)).map((each) => each.envelope),
      [sent],
    );
    await again.close();
  });
});
