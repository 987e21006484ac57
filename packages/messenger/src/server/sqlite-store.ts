import { createHash } from "node:crypto";
import type Database from "libsql";
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
import { closeDatabase, openDatabase, transaction } from "../sqlite/database.js";
import { StoreError } from "../sqlite/store-error.js";
import { migrations } from "./schema.js";
import type { Acceptance, MessengerStore, Waiting } from "./store.js";

interface Change {
  work(): unknown;
  resolve(result: never): void;
  reject(error: StoreError): void;
}

interface Mailbox {
  readonly messages: number;
  readonly bytes: number;
  readonly ofSender: number;
}

/** The store of a server in one SQLite file. The changes of one turn of the event loop share a transaction, and so one write to disk. */
export class SqliteStore implements MessengerStore {
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #changes: Change[] = [];

  /** @throws {StoreError} where the file is locked, cannot be written, or is of a later version */
  constructor(path: string) {
    this.#path = path;
    this.#database = openDatabase(path, migrations);
  }

  async serverKey(): Promise<Jwk | null> {
    const row = this.#get<{ value: string }>("SELECT value FROM settings WHERE name = 'server-key'");
    return row === undefined ? null : JSON.parse(row.value);
  }

  saveServerKey(key: Jwk): Promise<void> {
    return this.#change(() => this.#run("INSERT INTO settings VALUES ('server-key', ?)", JSON.stringify(key)));
  }

  async publicKey(fingerprint: string): Promise<string | null> {
    const sql = "SELECT public_key AS value FROM identities WHERE fingerprint = ?";
    return this.#get<{ value: string }>(sql, fingerprint)?.value ?? null;
  }

  saveIdentity(fingerprint: string, publicKey: string): Promise<void> {
    return this.#change(() => this.#run("INSERT OR IGNORE INTO identities VALUES (?, ?)", fingerprint, publicKey));
  }

  accept(envelope: Envelope, nowMs: number): Promise<Acceptance> {
    return this.#change(() => this.#accept(envelope, nowMs));
  }

  async waiting(recipient: string, afterSeq: number, limit: number): Promise<Waiting[]> {
    const sql = "SELECT seq, body FROM envelopes WHERE recipient = ? AND seq > ? ORDER BY seq LIMIT ?";
    const rows = this.#all<{ seq: number; body: string }>(sql, recipient, afterSeq, limit);
    return rows.map(({ seq, body }) => ({ seq, envelope: JSON.parse(body) }));
  }

  async count(recipient: string): Promise<number> {
    return this.#mailbox(recipient, "").messages;
  }

  acknowledge(recipient: string, sender: string, id: string): Promise<void> {
    return this.#change(() => {
      this.#run("DELETE FROM envelopes WHERE recipient = ? AND sender = ? AND id = ?", recipient, sender, id);
    });
  }

  forget(nowMs: number): Promise<void> {
    return this.#change(() => {
      this.#run("DELETE FROM envelopes WHERE at < ?", nowMs - mailboxMs);
      this.#run("DELETE FROM remembered WHERE at < ?", nowMs - rememberedMs);
      const many = "SELECT sender FROM remembered GROUP BY sender HAVING count(*) > ?";
      for (const { sender } of this.#all<{ sender: string }>(many, rememberedPerSender)) {
        const oldest = "SELECT number FROM remembered WHERE sender = ? ORDER BY number DESC LIMIT 1 OFFSET ?";
        const sql = `DELETE FROM remembered WHERE sender = ? AND number <= (${oldest})`;
        this.#run(sql, sender, sender, rememberedPerSender);
      }
    });
  }

  /** The most pages of 4096 bytes that the file may have; at least as many as it has. A full store refuses like a full disk. */
  limitPages(pages: number): void {
    this.#database.pragma(`max_page_count = ${pages}`);
  }

  async close(): Promise<void> {
    this.#commit();
    closeDatabase(this.#database);
  }

  #accept(envelope: Envelope, nowMs: number): Acceptance {
    const { from, to, id } = envelope;
    const body = JSON.stringify(envelope);
    const known = this.#get<{ body: string }>("SELECT body FROM remembered WHERE sender = ? AND id = ?", from, id);
    if (known !== undefined) return known.body === digest(body) ? "again" : "conflict";
    if (this.#get("SELECT 1 AS known FROM identities WHERE fingerprint = ?", to) === undefined)
      return "unknown-recipient";
    const mailbox = this.#mailbox(to, from);
    const isFull =
      mailbox.messages >= mailboxMessagesMax ||
      mailbox.bytes + body.length > mailboxBytesMax ||
      mailbox.ofSender >= mailboxPairMax;
    if (isFull) return "mailbox-full";
    this.#run(
      "INSERT INTO envelopes (recipient, sender, id, body, bytes, at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[to, from, id, body, body.length, nowMs],
    );
    this.#run("INSERT INTO remembered (sender, id, body, at) VALUES (?, ?, ?, ?)", from, id, digest(body), nowMs);
    return "accepted";
  }

  #mailbox(recipient: string, sender: string): Mailbox {
    const sql = `SELECT count(*) AS messages, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(sender = ?), 0) AS ofSender
      FROM envelopes WHERE recipient = ?`;
    return this.#get<Mailbox>(sql, sender, recipient)!;
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
      const results = transaction(this.#database, () => changes.map(({ work }) => work()));
      for (const [index, change] of changes.entries()) change.resolve(results[index] as never);
    } catch (error) {
      for (const change of changes) change.reject(StoreError.from(error, this.#path));
    }
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#statement(sql).run(...values);
  }

  #get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  #all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** What is remembered of an envelope: enough to tell it from another. */
function digest(body: string): string {
  return createHash("sha256").update(body).digest("base64url");
}
