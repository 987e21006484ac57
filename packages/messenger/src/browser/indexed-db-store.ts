import {
  type Change,
  type ClientStore,
  MessengerError,
  type Range,
  type Row,
  Serial,
  type Table,
} from "../client/index.js";
import { committed, metaStore, openDatabase, resultOf, storeError } from "./database.js";
import { FileVault } from "./file-vault.js";
import { probeKeys } from "./key-probe.js";
import { RowSeal, type Sealed } from "./row-seal.js";

/** A row as it stands in the database. Its keys are the browser's, which lets nobody copy them. */
interface StoredRow {
  readonly key: string;
  readonly sealed: Sealed;
  readonly keys?: Row["keys"];
}

const sealKey = "seal";
const ownerKey = "owner";
/** Behind every key that begins with a prefix; keys are ASCII. */
const behindAll = "\uffff";

/**
 * A client's store in a page: IndexedDB, sealed under a key that nobody can export. The store that was opened last has it: whatever an
 * earlier one still tries to write is refused, so that two tabs never go on with one identity's numbers and keys.
 */
export class IndexedDbStore implements ClientStore {
  readonly extractableKeys = false;
  /** What arrived in files. */
  readonly files: FileVault;
  readonly #database: IDBDatabase;
  readonly #seal: RowSeal;
  readonly #owner: string;
  readonly #writes = new Serial();

  /** @throws {MessengerError} `STORE` where the browser keeps nothing, loses keys, or has no room */
  static async open(name: string): Promise<IndexedDbStore> {
    let database = await openDatabase(name);
    let key = await resultOf(database.transaction(metaStore).objectStore(metaStore).get(sealKey));
    if (key === undefined) {
      database.close();
      await probeKeys(name);
      database = await openDatabase(name);
      key = await RowSeal.makeKey();
      await put(database, sealKey, key);
    }
    const owner = crypto.randomUUID();
    await put(database, ownerKey, owner);
    return new IndexedDbStore(database, key as CryptoKey, owner);
  }

  private constructor(database: IDBDatabase, key: CryptoKey, owner: string) {
    this.#database = database;
    this.#seal = new RowSeal(key);
    this.#owner = owner;
    this.files = new FileVault(database, this.#seal);
  }

  async get(table: Table, key: string): Promise<Row | undefined> {
    const stored = (await resultOf(this.#read(table).get(key))) as StoredRow | undefined;
    return stored === undefined ? undefined : this.#open(table, stored);
  }

  async list(table: Table, range: Range = {}): Promise<Row[]> {
    const { prefix = "", before = prefix + behindAll, newestFirst = false, limit = Number.POSITIVE_INFINITY } = range;
    if (before <= prefix || limit < 1) return [];
    const store = this.#read(table);
    const all = IDBKeyRange.bound(prefix, before, false, true);
    const from = newestFirst ? await keyFromTheEnd(store, all, limit) : prefix;
    const count = newestFirst || limit === Number.POSITIVE_INFINITY ? undefined : limit;
    const stored: StoredRow[] = await resultOf(store.getAll(IDBKeyRange.bound(from, before, false, true), count));
    const rows = await Promise.all(stored.map((row) => this.#open(table, row)));
    return newestFirst ? rows.reverse() : rows;
  }

  apply(changes: readonly Change[]): Promise<void> {
    // One after another, because sealing takes time, and the later of two changes must stay.
    return this.#writes.run(async () => {
      // A transaction does not wait for anything but its own requests: what is sealed is sealed before.
      const sealed = await Promise.all(changes.map((change) => this.#stored(change)));
      const names = new Set(changes.map(({ table }) => table));
      const transaction = this.#transaction([...names, metaStore]);
      const done = committed(transaction);
      const owner = transaction.objectStore(metaStore).get(ownerKey);
      owner.onsuccess = () => {
        if (owner.result !== this.#owner) return transaction.abort();
        for (const [index, change] of changes.entries()) {
          const store = transaction.objectStore(change.table);
          if ("remove" in change) store.delete(change.remove);
          else store.put(sealed[index]);
        }
      };
      await done.catch((error: unknown) => {
        if (owner.readyState === "done" && owner.error === null && owner.result !== this.#owner) throw lost();
        throw error;
      });
    });
  }

  async close(): Promise<void> {
    await this.#writes.run(async () => this.#database.close());
  }

  #read(table: Table): IDBObjectStore {
    return this.#transaction([table], "readonly").objectStore(table);
  }

  #transaction(names: readonly string[], mode: IDBTransactionMode = "readwrite"): IDBTransaction {
    try {
      return this.#database.transaction(names, mode, { durability: "strict" });
    } catch (error) {
      throw new MessengerError("STORE", "the store is closed", { cause: error });
    }
  }

  async #stored(change: Change): Promise<StoredRow | null> {
    if ("remove" in change) return null;
    const { key, data, keys } = change.put;
    return { key, sealed: await this.#seal.sealJson(place(change.table, key), data), ...(keys && { keys }) };
  }

  async #open(table: Table, { key, sealed, keys }: StoredRow): Promise<Row> {
    return { key, data: await this.#seal.openJson(place(table, key), sealed), ...(keys && { keys }) };
  }
}

/** The key with which the last `limit` rows of a range begin. */
async function keyFromTheEnd(store: IDBObjectStore, range: IDBKeyRange, limit: number): Promise<IDBValidKey> {
  if (limit === Number.POSITIVE_INFINITY) return range.lower;
  const request = store.openKeyCursor(range, "prev");
  let cursor = await resultOf(request);
  if (cursor !== null && limit > 1) {
    cursor.advance(limit - 1);
    cursor = await resultOf(request);
  }
  return cursor?.key ?? range.lower;
}

async function put(database: IDBDatabase, key: string, value: unknown): Promise<void> {
  const transaction = database.transaction(metaStore, "readwrite", { durability: "strict" });
  transaction.objectStore(metaStore).put(value, key);
  await committed(transaction);
}

function place(table: Table, key: string): string {
  return `${table}/${key}`;
}

function lost(): MessengerError {
  return storeError("another tab uses the messenger now");
}
