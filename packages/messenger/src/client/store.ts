import type { WebKeyPair } from "../protocol/index.js";

/** What a store can keep: JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

const conversationTables = ["contacts", "replyKeys", "messages", "parts", "drafts"] as const;

export const tables = ["self", "servers", "invites", "outbox", ...conversationTables] as const;
export type Table = (typeof tables)[number];

/** One thing that is kept. Keys are ordered as texts. */
export interface Row<Data = Json> {
  readonly key: string;
  readonly data: Data;
  /** Kept beside the data, because a platform may be able to keep them so that nobody can copy them. */
  readonly keys?: Readonly<Record<string, WebKeyPair>>;
}

export type Change =
  | { readonly table: Table; readonly put: Row<unknown> }
  | { readonly table: Table; readonly remove: string };

/** Rows of one table whose keys begin alike. */
export interface Range {
  readonly prefix?: string;
  /** Only keys before this one; only with `newestFirst`. */
  readonly before?: string;
  readonly newestFirst?: boolean;
  readonly limit?: number;
}

/**
 * What a client keeps: in one SQLite file on Node, in IndexedDB in a page, in memory in tests. One messenger uses it at a time.
 */
export interface ClientStore {
  /** True where keys must be extractable to be kept. */
  readonly extractableKeys: boolean;
  get(table: Table, key: string): Promise<Row | undefined>;
  /** In the order of the keys, or against it. */
  list(table: Table, range?: Range): Promise<Row[]>;
  /** All of it is kept when this resolves, or nothing. */
  apply(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}
