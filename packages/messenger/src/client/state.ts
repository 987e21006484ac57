import type { LinkDetail, LinkState } from "./link.js";
import type { ContactRecord, MessageRecord } from "./records.js";

/** What a messenger tells. Everything that a name, a text or a file's name says comes from a stranger. */
export interface MessengerEvents {
  /** The connection: `online` is when messages go. */
  state: [state: LinkState, detail: LinkDetail];
  /** A contact is new, or something about it changed. */
  contact: [contact: ContactRecord];
  /** A message came, or one of ours was written. Once each. */
  message: [message: MessageRecord];
  /** One of our messages came further, or waits for a reason. */
  status: [message: MessageRecord];
  /** The server has accepted everything that waited for it: `waiting` is 0. */
  drained: [];
  /** An invitation was used by this contact, or somebody of this fingerprint tried one that cannot be used any more. */
  invite: [invite: string, outcome: "used" | "refused", fingerprint: string];
  /** Something is not as it should be: an attack, a clone, an envelope that does not open. */
  warning: [what: Warning, contact: string];
  /** A file is being sent or received. */
  progress: [fileId: string, bytes: number, size: number];
  /** Something failed here. */
  failed: [error: unknown];
}

export type Warning =
  /** The server gave a key that is not the one of the link. */
  | "key-mismatch"
  /** Somebody else may act as this contact. */
  | "cloned"
  /** An envelope did not open and was dropped. */
  | "cannot-open";
