import { chmodSync, closeSync, openSync } from "node:fs";
import Database from "libsql";
import { StoreError } from "./store-error.js";

/** One step of a schema, from the version that is its index to the next. Steps are never changed, only added. */
export type Migration = string;

/**
 * Opens a SQLite file for this process alone, creates it with mode 0600 if there is none, and brings its schema up to date.
 *
 * What a transaction wrote is on disk when it ends, whatever becomes of process or machine (WAL, synchronous FULL).
 *
 * @throws {StoreError} where the file is locked, cannot be written, or was made by a later version
 */
export function openDatabase(path: string, migrations: readonly Migration[]): Database.Database {
  try {
    closeSync(openSync(path, "a", 0o600));
    const database = new Database(path);
    try {
      // The lock is held from the first transaction until the file is closed.
      for (const pragma of ["locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"]) {
        database.pragma(pragma);
      }
      migrate(database, migrations);
      // Not before it is known to be ours: somebody may have named a wrong file.
      chmodSync(path, 0o600);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (error) {
    throw StoreError.from(error, path);
  }
}

/** Closes a file so that another process may open it at once: the log goes back into the file, and the lock with it. */
export function closeDatabase(database: Database.Database): void {
  try {
    for (const pragma of ["journal_mode = DELETE", "locking_mode = NORMAL", "user_version"]) database.pragma(pragma);
  } finally {
    database.close();
  }
}

/** Runs `work` in one transaction: all of it is on disk when this returns, or nothing. */
export function transaction<Result>(database: Database.Database, work: () => Result): Result {
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

function migrate(database: Database.Database, migrations: readonly Migration[]): void {
  transaction(database, () => {
    const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version > migrations.length) {
      throw new StoreError(`was made by a later version of this program (schema ${version})`);
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
