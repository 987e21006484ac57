import type { WebKey, WebKeyPair } from "./keys.js";

const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const withHash = { name: "ECDSA", hash: "SHA-256" };

export function generateSigningKeys(extractable: boolean): Promise<WebKeyPair> {
  return crypto.subtle.generateKey(algorithm, extractable, ["sign", "verify"]);
}

/** 64 bytes r ‖ s. */
export async function sign(keys: WebKeyPair, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(withHash, keys.privateKey, bytes));
}

export function verify(key: WebKey, signature: Uint8Array, bytes: Uint8Array): Promise<boolean> {
  return crypto.subtle.verify(withHash, key, signature, bytes);
}
