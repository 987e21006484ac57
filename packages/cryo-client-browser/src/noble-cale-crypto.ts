import { gcm } from "@noble/ciphers/aes.js";
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { CaleCrypto, CaleKeyPair, SyncCaleCipher } from "camp-session";
import { CALE_IV_BYTES, type CaleRole, splitCaleKeys, writeCaleIv } from "cryo-protocol";

/** What CALE needs, in JavaScript that was audited: for pages without TLS, which have no WebCrypto. */
export const nobleCaleCrypto: CaleCrypto = { createKeyPair: () => new NobleKeyPair(), sha256 };

/** A key pair of P-256. It lets go of the private key when it has derived the cipher. */
export class NobleKeyPair implements CaleKeyPair {
  readonly publicKey: Uint8Array;
  #privateKey: Uint8Array | null;

  /** `privateKey` is for vectors; a fresh one is drawn by default. */
  constructor(privateKey: Uint8Array = p256.utils.randomSecretKey()) {
    this.#privateKey = privateKey;
    this.publicKey = p256.getPublicKey(privateKey, false);
  }

  derive(peerPublicKey: Uint8Array, role: CaleRole): SyncCaleCipher {
    const privateKey = this.#privateKey;
    if (privateKey === null) throw new Error("the key pair was used before");
    this.#privateKey = null;
    // Uncompressed: one byte of form, then the x coordinate, which is the secret.
    const secret = p256.getSharedSecret(privateKey, peerPublicKey, false).subarray(1, 33);
    const hash = sha256(secret);
    const { sendKey, receiveKey } = splitCaleKeys(hash, role);
    const cipher = new NobleCaleCipher(sendKey, receiveKey);
    for (const bytes of [privateKey, secret, hash, sendKey, receiveKey]) bytes.fill(0);
    return cipher;
  }
}

/** AES-128-GCM, tags of 16 bytes. */
class NobleCaleCipher implements SyncCaleCipher {
  readonly mode = "sync";
  readonly #sendKey: Uint8Array;
  readonly #receiveKey: Uint8Array;

  constructor(sendKey: Uint8Array, receiveKey: Uint8Array) {
    // Of their own: what they were cut from is wiped.
    this.#sendKey = Uint8Array.from(sendKey);
    this.#receiveKey = Uint8Array.from(receiveKey);
  }

  seal(counter: number, plain: Uint8Array): Uint8Array {
    const iv = new Uint8Array(CALE_IV_BYTES);
    writeCaleIv(iv, counter);
    const sealed = gcm(this.#sendKey, iv).encrypt(plain);
    const record = new Uint8Array(CALE_IV_BYTES + sealed.byteLength);
    record.set(iv);
    record.set(sealed, CALE_IV_BYTES);
    return record;
  }

  open(record: Uint8Array): Uint8Array {
    return gcm(this.#receiveKey, record.subarray(0, CALE_IV_BYTES)).decrypt(record.subarray(CALE_IV_BYTES));
  }
}
