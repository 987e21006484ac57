import { type AcceptEnvelope, emptyWindow, type ReceiveWindow } from "../protocol/index.js";

// What a client keeps of whom, as it stands in its store. All of it is JSON; bytes are base64url.

/** A reply key of ours, oldest first. The pair itself is in the table `replyKeys`. */
export interface ReplyKeyRecord {
  readonly id: string;
  /** The message that carried it; -1: the greeting. */
  readonly issuedN: number;
  readonly issuedAt: number;
  /** The first message of the peer that was sealed to it; null: none yet. */
  readonly firstUse: number | null;
  /** The peer has it for certain. */
  readonly reached: boolean;
}

/** What a guest keeps until its answer is answered. */
export interface PendingAccept {
  readonly invite: string;
  readonly expiry: number;
  readonly psk: string;
  /** Null until the inviter's key was looked up. */
  readonly accept: AcceptEnvelope | null;
  readonly exported: string;
}

/** `refused`: the invitation was used or over; `mismatch`: the server gave another key than the link names. */
export type ContactState = "invited" | "linked" | "verified" | "refused" | "mismatch";

export interface ContactRecord {
  readonly fingerprint: string;
  /** Text of a stranger, at most 64 bytes. */
  readonly name: string;
  readonly state: ContactState;
  readonly publicKey: string;
  readonly pairPsk: string;
  readonly pending: PendingAccept | null;
  /** When the invitation was made that linked this contact, if it was one of ours. */
  readonly invitedAt?: number;
  /** The next n that we send, and the hash of the plaintext before it. */
  readonly nextN: number;
  readonly prevHash: string;
  /** What we seal to: the reply key of the peer with the highest n. */
  readonly peerKey: { readonly id: string; readonly point: string; readonly n: number } | null;
  readonly replyKeys: readonly ReplyKeyRecord[];
  readonly window: ReceiveWindow;
  /** Of the newest messages received: what they hash to and what they say of the one before. */
  readonly chain: readonly { readonly n: number; readonly hash: string; readonly prev: string }[];
  /** Missing messages, and since when. */
  readonly gaps: readonly { readonly n: number; readonly since: number }[];
  /** Received and not yet told to the peer. */
  readonly untold: number;
  /** Messages in the history, of both. */
  readonly messages: number;
  readonly unread: number;
  /** Somebody else may act as this contact. */
  readonly cloned: boolean;
}

/** `sending` until the server has it; then `accepted`, `delivered` and, where the peer tells, `read`. */
export type MessageStatus = "sending" | "accepted" | "delivered" | "read" | "failed";

export interface MessageRecord {
  readonly contact: string;
  /** Its place in the history, from 0. */
  readonly order: number;
  readonly direction: "in" | "out";
  readonly n: number;
  /** The sender's clock, in milliseconds since 1970. */
  readonly sentAt: number;
  /** Text of a stranger: show it as text, never as markup. */
  readonly text: string;
  readonly status: MessageStatus;
  /** Why it failed or waits: a code of the server. */
  readonly problem?: string;
  readonly file?: { readonly id: string; readonly key?: string; readonly size: number; readonly name: string };
  /** A kind of a later version. */
  readonly unknownKind?: number;
}

export interface InviteRecord {
  readonly invite: string;
  readonly secret: string;
  readonly createdAt: number;
  readonly expiry: number;
  /** Once it is used the secret is gone. */
  readonly state: "open" | "used";
}

/** Whether there is a conversation with this contact. */
export function isLinked({ state }: ContactRecord): boolean {
  return state === "linked" || state === "verified";
}

export function newContact(fingerprint: string): ContactRecord {
  return {
    ...{ fingerprint, name: "", state: "invited", publicKey: "", pairPsk: "", pending: null },
    ...{ nextN: 0, prevHash: "", peerKey: null, replyKeys: [], window: emptyWindow, chain: [], gaps: [] },
    ...{ untold: 0, messages: 0, unread: 0, cloned: false },
  };
}

/** Orders as text as it does as a number. */
export function ordered(number: number): string {
  return String(number).padStart(12, "0");
}

export function messageKey(contact: string, order: number): string {
  return `${contact}/${ordered(order)}`;
}
