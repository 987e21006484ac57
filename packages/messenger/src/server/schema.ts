import type { Migration } from "../sqlite/sqlite-file.js";

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
  // What waits for whom, kept as it changes: to count it for each message takes longer the more there is.
  `
  CREATE TABLE mailboxes (
    recipient TEXT PRIMARY KEY,
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO mailboxes SELECT recipient, count(*), sum(bytes) FROM envelopes GROUP BY recipient;
  CREATE TRIGGER envelope_added AFTER INSERT ON envelopes BEGIN
    INSERT INTO mailboxes VALUES (new.recipient, 1, new.bytes)
      ON CONFLICT (recipient) DO UPDATE SET messages = messages + 1, bytes = bytes + new.bytes;
  END;
  CREATE TRIGGER envelope_removed AFTER DELETE ON envelopes BEGIN
    UPDATE mailboxes SET messages = messages - 1, bytes = bytes - old.bytes WHERE recipient = old.recipient;
  END;
  `,
];
