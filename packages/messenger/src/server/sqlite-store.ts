import { createHash } from "node:crypto";
import type { Jwk } from "../protocol/index.js";
import {
  type Envelope,
  mailboxBytesMax,
  mailboxMessagesMax,
  mailboxMs,
  mailboxPairMax,
  rememberedMs,
  rememberedPerSender,
} from "../protocol/index.js";
import { SqliteFile } from "../sqlite/sqlite-file.js";
import { migrations } from "./schema.js";
import type { Acceptance, MessengerStore, Waiting } from "./store.js";

interface Change {
  work(): unknown;
  resolve(result: never): void;
  reject(error: unknown): void;
}

/** What is known of an envelope before it is accepted. */
interface Known {
  /** Of one with the same sender and id; null: there was none. */
  readonly remembered: string | null;
  readonly isRegistered: 0 | 1;
  /** Of the mailbox of its recipient; null: nothing ever waited there. */
  readonly messages: number | null;
  readonly bytes: number | null;
  readonly ofSender: number;
}

/** The store of a server in one SQLite file. The changes of one turn of the event loop share a transaction, and so one write to disk. */
export class SqliteStore implements MessengerStore {
  readonly #file: SqliteFile;
  #changes: Change[] = [];

  /** @throws {StoreError} where the file is locked, cannot be written, or is of a later version */
  constructor(path: string) {
    this.#file = new SqliteFile(path, migrations);
  }

  async serverKey(): Promise<Jwk | null> {
    const row = this.#file.get<{ value: string }>("SELECT value FROM settings WHERE name = 'server-key'");
    return row === undefined ? null : JSON.parse(row.value);
  }

  saveServerKey(key: Jwk): Promise<void> {
    return this.#change(() => this.#file.run("INSERT INTO settings VALUES ('server-key', ?)", JSON.stringify(key)));
  }

  async publicKey(fingerprint: string): Promise<string | null> {
    const sql = "SELECT public_key AS value FROM identities WHERE fingerprint = ?";
    return this.#file.get<{ value: string }>(sql, fingerprint)?.value ?? null;
  }

  saveIdentity(fingerprint: string, publicKey: string): Promise<void> {
    return this.#change(() => this.#file.run("INSERT OR IGNORE INTO identities VALUES (?, ?)", fingerprint, publicKey));
  }

  accept(envelope: Envelope, nowMs: number): Promise<Acceptance> {
    return this.#change(() => this.#accept(envelope, nowMs));
  }

  async waiting(recipient: string, afterSeq: number, limit: number): Promise<Waiting[]> {
    const sql = "SELECT seq, body FROM envelopes WHERE recipient = ? AND seq > ? ORDER BY seq LIMIT ?";
    const rows = this.#file.all<{ seq: number; body: string }>(sql, recipient, afterSeq, limit);
    return rows.map(({ seq, body }) => ({ seq, envelope: JSON.parse(body) }));
  }

  async count(recipient: string): Promise<number> {
    const sql = "SELECT messages FROM mailboxes WHERE recipient = ?";
    return this.#file.get<{ messages: number }>(sql, recipient)?.messages ?? 0;
  }

  acknowledge(recipient: string, sender: string, id: string): Promise<void> {
    return this.#change(() => {
      this.#file.run("DELETE FROM envelopes WHERE recipient = ? AND sender = ? AND id = ?", recipient, sender, id);
    });
  }

  forget(nowMs: number): Promise<void> {
    return this.#change(() => {
      this.#file.run("DELETE FROM envelopes WHERE at < ?", nowMs - mailboxMs);
      this.#file.run("DELETE FROM remembered WHERE at < ?", nowMs - rememberedMs);
      const many = "SELECT sender FROM remembered GROUP BY sender HAVING count(*) > ?";
      for (const { sender } of this.#file.all<{ sender: string }>(many, rememberedPerSender)) {
        const oldest = "SELECT number FROM remembered WHERE sender = ? ORDER BY number DESC LIMIT 1 OFFSET ?";
        const sql = `DELETE FROM remembered WHERE sender = ? AND number <= (${oldest})`;
        this.#file.run(sql, sender, sender, rememberedPerSender);
      }
    });
  }

  /** The most pages of 4096 bytes that the file may have; at least as many as it has. A full store refuses like a full disk. */
  limitPages(pages: number): void {
    this.#file.limitPages(pages);
  }

  async close(): Promise<void> {
    this.#commit();
    this.#file.close();
  }

  #accept(envelope: Envelope, nowMs: number): Acceptance {
    const { from, to, id } = envelope;
    const body = JSON.stringify(envelope);
    const known = this.#file.get<Known>(knownSql, from, id, to, to, from, to)!;
    if (known.remembered !== null) return known.remembered === digest(body) ? "again" : "conflict";
    if (known.isRegistered === 0) return "unknown-recipient";
    const { messages, bytes, ofSender } = known;
    const isFull =
      (messages ?? 0) >= mailboxMessagesMax ||
      (bytes ?? 0) + body.length > mailboxBytesMax ||
      ofSender >= mailboxPairMax;
    if (isFull) return "mailbox-full";
    this.#file.run(
      "INSERT INTO envelopes (recipient, sender, id, body, bytes, at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[to, from, id, body, body.length, nowMs],
    );
    this.#file.run("INSERT INTO remembered (sender, id, body, at) VALUES (?, ?, ?, ?)", from, id, digest(body), nowMs);
    return "accepted";
  }

  #change<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#changes.push({ work, resolve, reject }) === 1) setImmediate(() => this.#commit());
    });
  }

  #commit(): void {
    const changes = this.#changes;
    this.#changes = [];
    if (changes.length === 0) return;
    try {
      const results = this.#file.transaction(() => changes.map(({ work }) => work()));
      for (const [index, change] of changes.entries()) change.resolve(results[index] as never);
    } catch (error) {
      for (const change of changes) change.reject(error);
    }
  }
}

/** One question instead of four: half of what a statement takes is the way to it and back. */
const knownSql = `SELECT
  (SELECT body FROM remembered WHERE sender = ? AND id = ?) AS remembered,
  EXISTS (SELECT 1 FROM identities WHERE fingerprint = ?) AS isRegistered,
  (SELECT count(*) FROM envelopes WHERE recipient = ? AND sender = ?) AS ofSender,
  mailboxes.messages, mailboxes.bytes
  FROM (SELECT 1) LEFT JOIN mailboxes ON mailboxes.recipient = ?`;

/** What is remembered of an envelope: enough to tell it from another. */
function digest(body: string): string {
  return createHash("sha256").update(body).digest("base64url");
}
