import { createCipheriv, createDecipheriv, createECDH, createHmac } from "node:crypto";
import { concat, utf8 } from "./bytes.js";

// HPKE once more, straight from RFC 9180, on other primitives (node:crypto): what the tests check the library against. Contains no
// test itself and is used by nothing else. Only DHKEM(P-256) with HKDF-SHA256 and AES-GCM; without a sender it is mode Base, which the vectors of the RFC need.

const none = new Uint8Array();
const kemId = Uint8Array.of(0, 0x10);

export interface ReferenceSeal {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
  readonly psk?: { readonly id: Uint8Array; readonly key: Uint8Array };
}

export interface RawPair {
  readonly secret: Uint8Array;
  readonly point: Uint8Array;
}

/** Section 7.1.3, DeriveKeyPair. */
export function derivePair(ikm: Uint8Array): RawPair {
  const suite = concat(utf8("KEM"), kemId);
  const prk = labeledExtract(suite, none, "dkp_prk", ikm);
  for (let counter = 0; counter < 256; counter++) {
    const secret = labeledExpand(suite, prk, "candidate", Uint8Array.of(counter), 32);
    try {
      return pairOf(secret);
    } catch {
      // Not below the order of the curve: the next candidate.
    }
  }
  throw new Error("no key in 256 candidates");
}

export function pairOf(secret: Uint8Array): RawPair {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  return { secret, point: Uint8Array.from(ecdh.getPublicKey()) };
}

/** Section 6.1 with sections 4.1 and 5.1. `keyBytes` chooses the AEAD: 32 for AES-256-GCM, 16 for AES-128-GCM. */
export class Reference {
  readonly #keyBytes: 16 | 32;
  readonly #suite: Uint8Array;

  constructor(keyBytes: 16 | 32 = 32) {
    this.#keyBytes = keyBytes;
    this.#suite = concat(utf8("HPKE"), kemId, Uint8Array.of(0, 1, 0, keyBytes === 32 ? 2 : 1));
  }

  seal(plaintext: Uint8Array, sender: RawPair | null, recipient: Uint8Array, context: ReferenceSeal, ikm: Uint8Array) {
    const ephemeral = derivePair(ikm);
    const shared = concat(agree(ephemeral, recipient), sender === null ? none : agree(sender, recipient));
    const keys = this.#schedule(shared, [ephemeral.point, recipient, sender?.point ?? none], context);
    const cipher = createCipheriv(`aes-${this.#keyBytes * 8}-gcm` as "aes-256-gcm", keys.key, keys.nonce);
    cipher.setAAD(context.aad);
    const sealed = concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
    return { bytes: concat(ephemeral.point, sealed), exportSecret: keys.exportSecret };
  }

  open(sealed: Uint8Array, recipient: RawPair, sender: Uint8Array | null, context: ReferenceSeal) {
    const enc = sealed.subarray(0, 65);
    const shared = concat(agree(recipient, enc), sender === null ? none : agree(recipient, sender));
    const keys = this.#schedule(shared, [enc, recipient.point, sender ?? none], context);
    const decipher = createDecipheriv(`aes-${this.#keyBytes * 8}-gcm` as "aes-256-gcm", keys.key, keys.nonce);
    decipher.setAAD(context.aad);
    decipher.setAuthTag(sealed.subarray(-16));
    const plaintext = concat(decipher.update(sealed.subarray(65, -16)), decipher.final());
    return { plaintext, exportSecret: keys.exportSecret };
  }

  #schedule(dh: Uint8Array, points: readonly [Uint8Array, Uint8Array, Uint8Array], { info, psk }: ReferenceSeal) {
    const kem = concat(utf8("KEM"), kemId);
    const shared = labeledExpand(kem, labeledExtract(kem, none, "eae_prk", dh), "shared_secret", concat(...points), 32);
    const mode = (psk === undefined ? 0 : 1) + (points[2].length === 0 ? 0 : 2);
    const suite = this.#suite;
    const context = concat(
      Uint8Array.of(mode),
      labeledExtract(suite, none, "psk_id_hash", psk?.id ?? none),
      labeledExtract(suite, none, "info_hash", info),
    );
    const secret = labeledExtract(suite, shared, "secret", psk?.key ?? none);
    const exporter = labeledExpand(suite, secret, "exp", context, 32);
    return {
      key: labeledExpand(suite, secret, "key", context, this.#keyBytes),
      nonce: labeledExpand(suite, secret, "base_nonce", context, 12),
      exportSecret: (exported: Uint8Array) => labeledExpand(suite, exporter, "sec", exported, 32),
    };
  }
}

function agree({ secret }: RawPair, point: Uint8Array): Uint8Array {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  return ecdh.computeSecret(point);
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return hmac(salt, concat(utf8("HPKE-v1"), suite, utf8(label), ikm));
}

/** At most one block of HKDF-Expand: no key here is longer than a hash. */
function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, bytes: number): Uint8Array {
  const labeled = concat(Uint8Array.of(0, bytes), utf8("HPKE-v1"), suite, utf8(label), info);
  return hmac(prk, concat(labeled, Uint8Array.of(1))).subarray(0, bytes);
}

function hmac(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHmac("sha256", key).update(bytes).digest());
}
