import {
  isAcknowledged,
  mailboxMs,
  missingFrom,
  type Receipts,
  type ReceiveWindow,
  replyKeyFreshMs,
  replyKeyMsMax,
  replyKeysMax,
} from "../protocol/index.js";
import type { ContactRecord, ReplyKeyRecord } from "./records.js";

// When reply keys are made and when they go (spec: messenger, section 4). All values; the keys themselves are elsewhere.

/** Whether the next message carries a fresh reply key. */
export function issuesReplyKey(keys: readonly ReplyKeyRecord[], now: number): boolean {
  const newest = keys.at(-1);
  if (newest === undefined) return true;
  return keys.length < replyKeysMax && (newest.firstUse !== null || now - newest.issuedAt > replyKeyFreshMs);
}

/** The peer sealed its message n to one of them. */
export function withUse(keys: readonly ReplyKeyRecord[], id: string, n: number): ReplyKeyRecord[] {
  return keys.map((key) => {
    if (key.id !== id) return key;
    return { ...key, reached: true, firstUse: key.firstUse === null ? n : Math.min(key.firstUse, n) };
  });
}

/** The peer told what it has. */
export function withReceipts(keys: readonly ReplyKeyRecord[], receipts: Receipts): ReplyKeyRecord[] {
  return keys.map((key) => (isAcknowledged(receipts, key.issuedN) ? { ...key, reached: true } : key));
}

/** Divides them into those that stay and those that nothing can need any more. */
export function expireReplyKeys(
  { replyKeys, window, gaps }: Pick<ContactRecord, "replyKeys" | "window" | "gaps">,
  now: number,
): { readonly kept: ReplyKeyRecord[]; readonly gone: ReplyKeyRecord[] } {
  // Never the newest that reached the peer, nor anything newer: the peer may seal to it.
  const newestReached = replyKeys.findLastIndex(({ reached }) => reached);
  const lost = new Set(gaps.filter(({ since }) => now - since > mailboxMs).map(({ n }) => n));
  const isGone = (key: ReplyKeyRecord, index: number): boolean => {
    if (index >= newestReached) return false;
    if (now - key.issuedAt > replyKeyMsMax) return true;
    return replyKeys.slice(index + 1).some(({ firstUse }) => firstUse !== null && allBefore(firstUse, window, lost));
  };
  return {
    kept: replyKeys.filter((key, index) => !isGone(key, index)),
    gone: replyKeys.filter(isGone),
  };
}

/** Whether everything before n has arrived or never will. */
function allBefore(n: number, window: ReceiveWindow, lost: ReadonlySet<number>): boolean {
  return window.high >= n && missingFrom(window, 0).every((missing) => missing >= n || lost.has(missing));
}
