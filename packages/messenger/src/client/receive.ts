import {
  chainMax,
  encodeBase64url,
  equal,
  hasArrived,
  missingFrom,
  type Plaintext,
  prevHashBytes,
  withArrived,
} from "../protocol/index.js";
import type { ContactRecord } from "./records.js";
import { expireReplyKeys, withReceipts, withUse } from "./reply-keys.js";

/** A message that was opened. */
export interface Arrival {
  readonly plaintext: Plaintext;
  /** SHA-256 of the whole plaintext. */
  readonly hash: Uint8Array;
  /** Which reply key of ours it was sealed to. */
  readonly replyKeyId: string;
}

/** What becomes of a contact when a message arrives. */
export interface Received {
  readonly contact: ContactRecord;
  /** It was there before: nothing is shown again. */
  readonly duplicate: boolean;
  readonly goneKeys: readonly string[];
}

/** One step of a conversation, inwards. The same arrival twice changes nothing the second time. */
export function receive(contact: ContactRecord, { plaintext, hash, replyKeyId }: Arrival, now: number): Received {
  const { n } = plaintext;
  const entry = {
    n,
    hash: encodeBase64url(hash.subarray(0, prevHashBytes)),
    prev: encodeBase64url(plaintext.prevHash),
  };
  const cloned = contact.cloned || contradicts(contact, entry, plaintext);
  if (hasArrived(contact.window, n)) return { contact: { ...contact, cloned }, duplicate: true, goneKeys: [] };
  const window = withArrived(contact.window, n);
  const gaps = missingFrom(window, 0).map((missing) => {
    return contact.gaps.find((gap) => gap.n === missing) ?? { n: missing, since: now };
  });
  const { replyKey } = plaintext;
  const newer = replyKey !== null && n > (contact.peerKey?.n ?? -1);
  const replyKeys = withReceipts(withUse(contact.replyKeys, replyKeyId, n), plaintext);
  const { kept, gone } = expireReplyKeys({ replyKeys, window, gaps }, now);
  const next: ContactRecord = {
    ...contact,
    window,
    gaps,
    cloned,
    replyKeys: kept,
    chain: [...contact.chain, entry].sort((a, b) => a.n - b.n).slice(-chainMax),
    peerKey: newer ? { id: encodeBase64url(replyKey.id), point: encodeBase64url(replyKey.point), n } : contact.peerKey,
    // A receipt is never answered by another.
    untold: contact.untold + (plaintext.body.kind === "receipt" ? 0 : 1),
  };
  return { contact: next, duplicate: false, goneKeys: gone.map(({ id }) => id) };
}

/** Whether two that both claim to be this contact have written: same n with another text, or a past that is not ours. */
function contradicts(
  { chain }: ContactRecord,
  entry: ContactRecord["chain"][number],
  { n, prevHash }: Plaintext,
): boolean {
  const same = chain.find((other) => other.n === n);
  const before = chain.find((other) => other.n === n - 1);
  const after = chain.find((other) => other.n === n + 1);
  return (
    (same !== undefined && same.hash !== entry.hash) ||
    (before !== undefined && before.hash !== entry.prev) ||
    (after !== undefined && after.prev !== entry.hash) ||
    (n === 0 && !equal(prevHash, new Uint8Array(prevHashBytes)))
  );
}
