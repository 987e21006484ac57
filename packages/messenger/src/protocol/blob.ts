import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { concat, lp } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { suiteByte } from "./hpke.js";
import { pointBytes, replyKeyIdBytes } from "./limits.js";

// encryptedMessage = suite(1) ‖ replyKeyId(8) ‖ enc(65) ‖ ciphertext.

export interface Blob {
  /** Which key of the recipient it is sealed to; zeros mean K. */
  readonly replyKeyId: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Says that a blob is sealed to the recipient's K, which it has before any reply key. */
export const noReplyKey = new Uint8Array(replyKeyIdBytes);

const headBytes = 1 + replyKeyIdBytes;
const tagBytes = 16;

export function packBlob({ replyKeyId, sealed }: Blob): string {
  return encodeBase64url(concat(Uint8Array.of(suiteByte), replyKeyId, sealed));
}

/** @throws {MalformedError} for what is too short or of a suite that is not known */
export function unpackBlob(text: string): Blob {
  const bytes = decodeBase64url(text);
  if (bytes.length < headBytes + pointBytes + tagBytes) throw new MalformedError("a sealed message is too short");
  if (bytes[0] !== suiteByte) throw new MalformedError("a sealed message is of a suite that is not known");
  return { replyKeyId: bytes.slice(1, headBytes), sealed: bytes.slice(headBytes) };
}

export interface Addresses {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

/** What a seal is bound to besides its keys: the envelope that it travels in. */
export function blobAad({ id, from, to }: Addresses): Uint8Array {
  return lp(decodeBase64url(id), decodeBase64url(from), decodeBase64url(to));
}
