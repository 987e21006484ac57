import type { Plaintext } from "../protocol/index.js";
import type { Core } from "./core.js";
import type { ContactRecord, MessageRecord } from "./records.js";
import type { Warning } from "./state.js";
import type { Change } from "./store.js";

/** What arrivals come to before it is stored: all of it goes into one transaction, and is told of afterwards. */
export class Batch {
  /** Those that changed, as the later arrivals find them. */
  readonly contacts = new Map<string, ContactRecord>();
  readonly changes: Change[] = [];
  /** New in the history. */
  readonly messages: MessageRecord[] = [];
  /** What each contact said, duplicates left out. */
  readonly plaintexts = new Map<string, Plaintext[]>();
  readonly warnings: { readonly what: Warning; readonly contact: string }[] = [];
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  contact(fingerprint: string): ContactRecord {
    return this.contacts.get(fingerprint) ?? this.#core.contacts.get(fingerprint)!;
  }

  /** Parts of texts whose keys begin alike, those of this batch among them. */
  async parts(prefix: string): Promise<Map<string, string>> {
    const rows = await this.#core.store.list("parts", { prefix });
    const parts = new Map(rows.map(({ key, data }) => [key, data as string]));
    for (const change of this.changes) {
      if (change.table !== "parts") continue;
      if ("remove" in change) parts.delete(change.remove);
      else if (change.put.key.startsWith(prefix)) parts.set(change.put.key, change.put.data as string);
    }
    return parts;
  }
}
