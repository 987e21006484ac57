import type { Migration } from "../sqlite/database.js";

/** The schema of a server's store. `seq` never comes again, so a reader knows what it has seen. */
export const migrations: readonly Migration[] = [
  `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE identities (fingerprint TEXT PRIMARY KEY, public_key TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE envelopes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX envelopes_in_order ON envelopes (recipient, seq);
  CREATE INDEX envelopes_of_sender ON envelopes (recipient, sender, id, bytes);
  CREATE INDEX envelopes_by_age ON envelopes (at);
  CREATE TABLE remembered (
    number INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX remembered_ids ON remembered (sender, id);
  CREATE INDEX remembered_by_age ON remembered (at);
  `,
];
