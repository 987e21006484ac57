import type { Envelope, Jwk } from "../protocol/index.js";

/** How a store answers an envelope. */
export type Acceptance =
  /** It is on disk. */
  | "accepted"
  /** The same one was accepted before: nothing happens again. */
  | "again"
  /** Another one with this sender and id was accepted before. */
  | "conflict"
  | "unknown-recipient"
  | "mailbox-full";

/** An envelope that waits. `seq` grows with every envelope that the store accepts, across restarts. */
export interface Waiting {
  readonly seq: number;
  readonly envelope: Envelope;
}

/**
 * What a server keeps. Every promise of a change resolves when the change is on disk and not before; changes happen in the order
 * of the calls. A change that fails rejects with `StoreError`, has not happened, and leaves all before it as it was.
 *
 * `store-contract.test.ts` is the suite that an implementation has to pass.
 */
export interface MessengerStore {
  /** The server's own G as JWK, or null before the first `saveServerKey`. */
  serverKey(): Promise<Jwk | null>;
  saveServerKey(key: Jwk): Promise<void>;
  /** The public key that was registered with this fingerprint, as base64url. */
  publicKey(fingerprint: string): Promise<string | null>;
  saveIdentity(fingerprint: string, publicKey: string): Promise<void>;
  /** Checks and keeps an envelope in one step. `nowMs` is a wall clock. */
  accept(envelope: Envelope, nowMs: number): Promise<Acceptance>;
  /** Up to `limit` envelopes for a recipient behind `afterSeq`, oldest first. */
  waiting(recipient: string, afterSeq: number, limit: number): Promise<Waiting[]>;
  /** How many wait for a recipient. */
  count(recipient: string): Promise<number>;
  /** Deletes an envelope that its recipient has; the id stays remembered. */
  acknowledge(recipient: string, sender: string, id: string): Promise<void>;
  /** Deletes what is too old or too much to be kept (spec: messenger, section 4). */
  forget(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
