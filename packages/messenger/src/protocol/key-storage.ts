import type { Jwk, WebKeyPair } from "./keys.js";

// Keys as JWK, for stores that cannot hold keys themselves. Only keys that were made extractable can be exported.

const ecdh = { name: "ECDH", namedCurve: "P-256" };
const ecdsa = { name: "ECDSA", namedCurve: "P-256" };

/** Both halves as one private JWK. */
export function exportKeys(keys: WebKeyPair): Promise<Jwk> {
  return crypto.subtle.exportKey("jwk", keys.privateKey);
}

export function importHpkeKeys(key: Jwk, extractable: boolean): Promise<WebKeyPair> {
  return importKeys(key, ecdh, extractable, ["deriveBits"], []);
}

export function importSigningKeys(key: Jwk, extractable: boolean): Promise<WebKeyPair> {
  return importKeys(key, ecdsa, extractable, ["sign"], ["verify"]);
}

async function importKeys(
  key: Jwk,
  algorithm: object,
  extractable: boolean,
  usages: string[],
  publicUsages: string[],
): Promise<WebKeyPair> {
  const { kty, crv, x, y } = key;
  const publicHalf = { kty, crv, x, y } as Jwk;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("jwk", key, algorithm, extractable, usages),
    crypto.subtle.importKey("jwk", publicHalf, algorithm, true, publicUsages),
  ]);
  return { privateKey, publicKey };
}
