import { encodeBase64url } from "./base64url.js";
import { concat, equal } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { sha256 } from "./hash.js";
import type { WebKey } from "./keys.js";
import { publicKeyBytes } from "./limits.js";

/** Two public keys that belong together: K receives what is sealed, G checks signatures. */
export interface PublicKey {
  readonly k: WebKey;
  readonly g: WebKey;
  /** SPKI(K) ‖ SPKI(G), 182 bytes. */
  readonly bytes: Uint8Array;
}

const spkiBytes = publicKeyBytes / 2;

/** The form that travels: both halves as SPKI with uncompressed points. */
export async function exportPublicKey(k: WebKey, g: WebKey): Promise<PublicKey> {
  const halves = await Promise.all([crypto.subtle.exportKey("spki", k), crypto.subtle.exportKey("spki", g)]);
  return { k, g, bytes: concat(...halves.map((half) => new Uint8Array(half))) };
}

/**
 * Parses a public key and accepts only the canonical form of it: what is exported again must be the same bytes.
 *
 * @throws {MalformedError} for anything else, and where K is G
 */
export async function parsePublicKey(bytes: Uint8Array): Promise<PublicKey> {
  if (bytes.length !== publicKeyBytes) throw new MalformedError(`a public key has ${publicKeyBytes} bytes`);
  const halves = [bytes.slice(0, spkiBytes), bytes.slice(spkiBytes)] as const;
  if (equal(...halves)) throw new MalformedError("a public key has the same key twice");
  let parsed: PublicKey;
  try {
    const [k, g] = await Promise.all([
      crypto.subtle.importKey("spki", halves[0], { name: "ECDH", namedCurve: "P-256" }, true, []),
      crypto.subtle.importKey("spki", halves[1], { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]),
    ]);
    parsed = await exportPublicKey(k, g);
  } catch (error) {
    throw new MalformedError("a public key is no pair of keys of P-256", { cause: error });
  }
  if (!equal(parsed.bytes, bytes)) throw new MalformedError("a public key is not in its canonical form");
  return parsed;
}

/** `publicKeySig`: the address that belongs to a public key, 43 characters. */
export async function fingerprintOf(publicKey: Uint8Array): Promise<string> {
  return encodeBase64url(await sha256(publicKey));
}
