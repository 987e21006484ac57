import { chmodSync, closeSync, openSync } from "node:fs";
import Database from "libsql";
import { StoreError } from "./store-error.js";

/** One step of a schema, from the version that is its index to the next. Steps are never changed, only added. */
export type Migration = string;

/**
 * A SQLite file of this process alone. Statements are prepared once. Whatever fails, reading or writing, is a `StoreError` that names the
 * file.
 */
export class SqliteFile {
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  /**
   * Opens a file, creates it with mode 0600 if there is none, and brings its schema up to date.
   *
   * @throws {StoreError} where the file is locked, cannot be written, or was made by a later version
   */
  constructor(path: string, migrations: readonly Migration[]) {
    this.#path = path;
    this.#database = this.#explained(() => open(path, migrations));
  }

  /** The first row. */
  get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#explained(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#explained(() => this.#statement(sql).all(...values) as Row[]);
  }

  run(sql: string, ...values: unknown[]): void {
    this.#explained(() => this.#statement(sql).run(...values));
  }

  /**
   * Runs `work` in one transaction: all of it is on disk when this returns, whatever becomes of process or machine (WAL, synchronous
   * FULL), or nothing.
   */
  transaction<Result>(work: () => Result): Result {
    return this.#explained(() => transaction(this.#database, work));
  }

  /** The most pages of 4096 bytes that the file may have; at least as many as it has. A full file refuses like a full disk. */
  limitPages(pages: number): void {
    this.#database.pragma(`max_page_count = ${pages}`);
  }

  /** Another process may open it at once: the log goes back into the file, and the lock with it. */
  close(): void {
    const database = this.#database;
    try {
      for (const pragma of ["journal_mode = DELETE", "locking_mode = NORMAL", "user_version"]) database.pragma(pragma);
    } finally {
      database.close();
    }
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #explained<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      // A statement of a transaction has named the file already.
      throw error instanceof StoreError ? error : StoreError.from(error, this.#path);
    }
  }
}

/** 16 MiB: ids are random, so each message touches pages of the indices that are nowhere near the last ones. */
const cache = "cache_size = -16384";

function open(path: string, migrations: readonly Migration[]): Database.Database {
  closeSync(openSync(path, "a", 0o600));
  const database = new Database(path);
  try {
    // The lock is held from the first transaction until the file is closed.
    for (const pragma of ["locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL", cache]) {
      database.pragma(pragma);
    }
    migrate(database, path, migrations);
    // Not before it is known to be ours: somebody may have named a wrong file.
    chmodSync(path, 0o600);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function migrate(database: Database.Database, path: string, migrations: readonly Migration[]): void {
  transaction(database, () => {
    const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version > migrations.length) {
      throw new StoreError(`the store ${path} was made by a later version of this program (schema ${version})`);
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function transaction<Result>(database: Database.Database, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // Where the commit failed SQLite may have rolled back by itself.
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
