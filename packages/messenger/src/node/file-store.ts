import type { Change, ClientStore, Range, Row, Table } from "../client/index.js";
import { exportKeys, importHpkeKeys, importSigningKeys, type Jwk, type WebKeyPair } from "../protocol/index.js";
import { type Migration, SqliteFile } from "../sqlite/sqlite-file.js";

const migrations: readonly Migration[] = [
  `
  CREATE TABLE rows (
    in_table TEXT NOT NULL,
    key TEXT NOT NULL,
    data TEXT NOT NULL,
    keys TEXT,
    PRIMARY KEY (in_table, key)
  ) STRICT, WITHOUT ROWID;
  `,
];

interface Stored {
  readonly key: string;
  readonly data: string;
  readonly keys: string | null;
}

/** The last character of the order: behind every key that begins with a prefix. */
const behindAll = "\u{10ffff}";

/** A client's store in one file of mode 0600. It holds the keys: who reads the file can act as its owner. */
export class FileStore implements ClientStore {
  readonly extractableKeys = true;
  readonly #file: SqliteFile;

  /** @throws {StoreError} where the file is in use, cannot be written, or is of a later version */
  constructor(path: string) {
    this.#file = new SqliteFile(path, migrations);
  }

  async get(table: Table, key: string): Promise<Row | undefined> {
    const sql = "SELECT key, data, keys FROM rows WHERE in_table = ? AND key = ?";
    const stored = this.#file.get<Stored>(sql, table, key);
    return stored === undefined ? undefined : rowOf(stored);
  }

  async list(table: Table, range: Range = {}): Promise<Row[]> {
    const { prefix = "", before = prefix + behindAll, newestFirst = false, limit = -1 } = range;
    const sql = `SELECT key, data, keys FROM rows WHERE in_table = ? AND key >= ? AND key < ?
      ORDER BY key ${newestFirst ? "DESC" : "ASC"} LIMIT ?`;
    return Promise.all(this.#file.all<Stored>(sql, table, prefix, before, limit).map(rowOf));
  }

  async apply(changes: readonly Change[]): Promise<void> {
    const exported = await Promise.all(changes.map(storedKeys));
    this.#file.transaction(() => {
      for (const [index, change] of changes.entries()) this.#apply(change, exported[index]!);
    });
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  #apply(change: Change, keys: string | null): void {
    if ("remove" in change) {
      this.#file.run("DELETE FROM rows WHERE in_table = ? AND key = ?", change.table, change.remove);
    } else {
      const { key, data } = change.put;
      const values = [change.table, key, JSON.stringify(data), keys];
      this.#file.run("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", ...values);
    }
  }
}

async function storedKeys(change: Change): Promise<string | null> {
  if ("remove" in change || change.put.keys === undefined) return null;
  const pairs = Object.entries(change.put.keys).map(async ([name, pair]) => [name, await exportKeys(pair)] as const);
  return JSON.stringify(Object.fromEntries(await Promise.all(pairs)));
}

async function rowOf({ key, data, keys }: Stored): Promise<Row> {
  if (keys === null) return { key, data: JSON.parse(data) };
  const pairs = Object.entries(JSON.parse(keys) as Record<string, Jwk>).map(async ([name, jwk]) => {
    const pair = name === "g" ? await importSigningKeys(jwk, true) : await importHpkeKeys(jwk, true);
    return [name, pair] as const;
  });
  return {
    key,
    data: JSON.parse(data),
    keys: Object.fromEntries(await Promise.all(pairs)) as Record<string, WebKeyPair>,
  };
}
