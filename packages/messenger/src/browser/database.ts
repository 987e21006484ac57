import { MessengerError, tables } from "../client/index.js";

/** Rows of the browser's own: keys that belong to no table, and who uses the database. */
export const metaStore = "meta";
/** The pieces of received files. */
export const filesStore = "files";

/** What each version adds to the one before it. Never change one that was released: add another. */
const migrations: readonly ((database: IDBDatabase) => void)[] = [
  (database) => {
    for (const name of [...tables, filesStore]) database.createObjectStore(name, { keyPath: "key" });
    database.createObjectStore(metaStore);
  },
];

/** @throws {MessengerError} `STORE` */
export function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, migrations.length);
    opening.onupgradeneeded = ({ oldVersion }) => {
      for (const migrate of migrations.slice(oldVersion)) migrate(opening.result);
    };
    opening.onblocked = () => reject(storeError("another tab has an older version open; close it"));
    opening.onerror = () => reject(explain(opening.error));
    opening.onsuccess = () => {
      const database = opening.result;
      // A tab with a later version must not wait for this one.
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}

export function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(explain(request.error));
  });
}

/** Resolves when the browser has it on disk, as far as browsers say. */
export function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(explain(transaction.error));
  });
}

export function storeError(message: string, options?: ErrorOptions): MessengerError {
  return new MessengerError("STORE", message, options);
}

/** What a browser says of its storage, as a line for who uses it. */
function explain(error: DOMException | null): MessengerError {
  const known: Readonly<Record<string, string>> = {
    QuotaExceededError: "the browser has no room left for this page; free some space and try again",
    VersionError: "a later version of this application was used in this browser; reload the page",
    InvalidStateError: "the browser does not let this page keep anything, as in a private window",
  };
  return storeError(known[error?.name ?? ""] ?? "the browser could not keep what it was given", { cause: error });
}
