import { generateHpkeKeys } from "./hpke.js";
import type { WebKeyPair } from "./keys.js";
import { exportPublicKey, fingerprintOf, type PublicKey } from "./public-key.js";
import { generateSigningKeys } from "./signature.js";

/** Who somebody is: two pairs of keys, and the address that they make. */
export interface Identity {
  readonly k: WebKeyPair;
  readonly g: WebKeyPair;
  readonly publicKey: PublicKey;
  readonly fingerprint: string;
}

/** @param extractable only where keys cannot be stored otherwise */
export async function createIdentity(extractable: boolean): Promise<Identity> {
  return identityOf(await generateHpkeKeys(extractable), await generateSigningKeys(extractable));
}

export async function identityOf(k: WebKeyPair, g: WebKeyPair): Promise<Identity> {
  const publicKey = await exportPublicKey(k.publicKey, g.publicKey);
  return { k, g, publicKey, fingerprint: await fingerprintOf(publicKey.bytes) };
}
