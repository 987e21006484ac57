import type { Change, ClientStore, Range, Row, Table } from "./store.js";
import { tables } from "./store.js";

/** Keeps everything as long as the process lives: for tests, and for who needs no past. */
export class MemoryStore implements ClientStore {
  readonly extractableKeys = false;
  readonly #tables = new Map<Table, Map<string, Row>>(tables.map((table) => [table, new Map()]));

  async get(table: Table, key: string): Promise<Row | undefined> {
    return this.#tables.get(table)!.get(key);
  }

  async list(table: Table, range: Range = {}): Promise<Row[]> {
    const { prefix = "", before, newestFirst = false, limit = Number.POSITIVE_INFINITY } = range;
    const rows = [...this.#tables.get(table)!.values()]
      .filter(({ key }) => key.startsWith(prefix) && (before === undefined || key < before))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    return (newestFirst ? rows.reverse() : rows).slice(0, limit);
  }

  async apply(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      const table = this.#tables.get(change.table)!;
      if ("remove" in change) table.delete(change.remove);
      else {
        // A copy by way of JSON: what the caller does to its own afterwards is not kept.
        const { key, data, keys } = change.put;
        table.set(key, { key, data: JSON.parse(JSON.stringify(data)), ...(keys && { keys }) });
      }
    }
  }

  async close(): Promise<void> {}
}
