import { decodeBase64url } from "./base64url.js";
import { type Addresses, blobAad, packBlob, unpackBlob } from "./blob.js";
import { lp } from "./bytes.js";
import { sha256 } from "./hash.js";
import { open, type SealContext, seal } from "./hpke.js";
import type { WebKey, WebKeyPair } from "./keys.js";
import type { TextEnvelope } from "./messages.js";
import { inOrder } from "./safety-number.js";

/** Seals one message to a reply key of the recipient (spec: messenger, section 4). */
export async function sealText(
  plaintext: Uint8Array,
  addresses: Addresses,
  sender: WebKeyPair,
  recipient: { readonly replyKeyId: Uint8Array; readonly replyKey: WebKey },
  pairPsk: Uint8Array,
  ephemeralSeed?: Uint8Array,
): Promise<string> {
  const context = await textContext(addresses, recipient.replyKeyId, pairPsk);
  const { bytes } = await seal(plaintext, sender, recipient.replyKey, context, ephemeralSeed);
  return packBlob({ replyKeyId: recipient.replyKeyId, sealed: bytes });
}

/** @throws {CannotOpenError | MalformedError} */
export async function openText(
  envelope: TextEnvelope,
  replyKey: WebKeyPair,
  sender: WebKey,
  pairPsk: Uint8Array,
): Promise<Uint8Array> {
  const { replyKeyId, sealed } = unpackBlob(envelope.encryptedMessage);
  const { plaintext } = await open(
    "a message",
    sealed,
    replyKey,
    sender,
    await textContext(envelope, replyKeyId, pairPsk),
  );
  return plaintext;
}

async function textContext(addresses: Addresses, replyKeyId: Uint8Array, key: Uint8Array): Promise<SealContext> {
  const { from, to } = addresses;
  return {
    info: lp("smp-msg/1", decodeBase64url(from), decodeBase64url(to), replyKeyId),
    aad: blobAad(addresses),
    psk: { id: await sha256(inOrder(from, to)), key },
  };
}
