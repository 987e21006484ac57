import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { concat } from "./bytes.js";
import { CannotOpenError, MalformedError } from "./errors.js";
import type { WebKey, WebKeyPair } from "./keys.js";
import { pointBytes } from "./limits.js";

/** Suite byte 0x01: DHKEM(P-256), HKDF-SHA256, AES-256-GCM. */
export const suiteByte = 1;

const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const ecdh = { name: "ECDH", namedCurve: "P-256" };
const none = new Uint8Array();

export interface Psk {
  readonly id: Uint8Array;
  readonly key: Uint8Array;
}

/** What both ends of one seal agree on. With a psk it is mode AuthPSK, else Auth: there is always a sender. */
export interface SealContext {
  readonly info: Uint8Array;
  readonly aad?: Uint8Array;
  readonly psk?: Psk;
}

/** A sealed plaintext, and a secret of both ends that can be drawn from it. */
export interface Sealed {
  /** The encapsulated key and behind it the ciphertext. */
  readonly bytes: Uint8Array;
  exportSecret(context: Uint8Array): Promise<Uint8Array>;
}

export interface Opened {
  readonly plaintext: Uint8Array;
  exportSecret(context: Uint8Array): Promise<Uint8Array>;
}

/**
 * Seals one plaintext in a context of its own (RFC 9180, modes Auth and AuthPSK).
 *
 * @param ephemeralSeed makes the result repeatable: for test vectors alone
 */
export async function seal(
  plaintext: Uint8Array,
  sender: WebKeyPair,
  recipient: WebKey,
  context: SealContext,
  ephemeralSeed?: Uint8Array,
): Promise<Sealed> {
  const sealing = await suite.createSenderContext({
    recipientPublicKey: recipient,
    senderKey: sender,
    info: context.info,
    ...(context.psk && { psk: context.psk }),
    ...(ephemeralSeed && { ekm: ephemeralSeed }),
  });
  const ciphertext = await sealing.seal(plaintext, context.aad ?? none);
  return {
    bytes: concat(new Uint8Array(sealing.enc), new Uint8Array(ciphertext)),
    exportSecret: async (exported) => new Uint8Array(await sealing.export(exported, 32)),
  };
}

/** @throws {CannotOpenError} if it was sealed by another, to another, in another context, or changed since */
export async function open(
  what: string,
  sealed: Uint8Array,
  recipient: WebKeyPair,
  sender: WebKey,
  context: SealContext,
): Promise<Opened> {
  try {
    const opening = await suite.createRecipientContext({
      recipientKey: recipient,
      enc: sealed.subarray(0, pointBytes),
      senderPublicKey: sender,
      info: context.info,
      ...(context.psk && { psk: context.psk }),
    });
    const plaintext = await opening.open(sealed.subarray(pointBytes), context.aad ?? none);
    return {
      plaintext: new Uint8Array(plaintext),
      exportSecret: async (exported) => new Uint8Array(await opening.export(exported, 32)),
    };
  } catch (error) {
    throw new CannotOpenError(what, { cause: error });
  }
}

export function generateHpkeKeys(extractable: boolean): Promise<WebKeyPair> {
  return crypto.subtle.generateKey(ecdh, extractable, ["deriveBits"]);
}

export async function exportPoint(key: WebKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key));
}

/** @throws {MalformedError} for what is no uncompressed point of the curve */
export async function importPoint(point: Uint8Array): Promise<WebKey> {
  if (point.length !== pointBytes || point[0] !== 4) throw new MalformedError("a key is no uncompressed point");
  try {
    return await crypto.subtle.importKey("raw", point, ecdh, true, []);
  } catch (error) {
    throw new MalformedError("a key is no point of the curve", { cause: error });
  }
}
