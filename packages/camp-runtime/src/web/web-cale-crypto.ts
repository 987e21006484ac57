import type { AsyncCaleCipher, CaleCrypto, CaleKeyPair } from "camp-session";
import { CALE_IV_BYTES, type CaleRole, splitCaleKeys, writeCaleIv } from "cryo-protocol";

const ecdh = { name: "ECDH", namedCurve: "P-256" } as const;

/** What CALE needs, by WebCrypto. Pages have that where they are secure contexts: https, or on this machine. */
export const webCaleCrypto: CaleCrypto = {
  async createKeyPair() {
    const { privateKey, publicKey } = await crypto.subtle.generateKey(ecdh, false, ["deriveBits"]);
    return new WebKeyPair(privateKey, new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  },
  sha256,
};

/** A key pair of P-256. It lets go of the private key when it has derived the cipher. */
export class WebKeyPair implements CaleKeyPair {
  readonly publicKey: Uint8Array;
  #privateKey: CryptoKey | null;

  constructor(privateKey: CryptoKey, publicKey: Uint8Array) {
    this.#privateKey = privateKey;
    this.publicKey = publicKey;
  }

  async derive(peerPublicKey: Uint8Array, role: CaleRole): Promise<AsyncCaleCipher> {
    const privateKey = this.#privateKey;
    if (privateKey === null) throw new Error("the key pair was used before");
    this.#privateKey = null;
    const peer = await crypto.subtle.importKey("raw", memory(peerPublicKey), ecdh, false, []);
    const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: ecdh.name, public: peer }, privateKey, 256));
    const hash = await sha256(secret);
    const keys = splitCaleKeys(hash, role);
    const cipher = new WebCaleCipher(await aesKey(keys.sendKey, "encrypt"), await aesKey(keys.receiveKey, "decrypt"));
    for (const bytes of [secret, hash, keys.sendKey, keys.receiveKey]) bytes.fill(0);
    return cipher;
  }
}

/** AES-128-GCM under two keys that nobody can read any more. */
class WebCaleCipher implements AsyncCaleCipher {
  readonly mode = "async";
  readonly #sendKey: CryptoKey;
  readonly #receiveKey: CryptoKey;

  constructor(sendKey: CryptoKey, receiveKey: CryptoKey) {
    this.#sendKey = sendKey;
    this.#receiveKey = receiveKey;
  }

  async seal(counter: number, plain: Uint8Array): Promise<Uint8Array> {
    const iv = new Uint8Array(CALE_IV_BYTES);
    writeCaleIv(iv, counter);
    const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm(iv), this.#sendKey, memory(plain)));
    const record = new Uint8Array(CALE_IV_BYTES + sealed.byteLength);
    record.set(iv);
    record.set(sealed, CALE_IV_BYTES);
    return record;
  }

  async open(record: Uint8Array): Promise<Uint8Array> {
    const iv = memory(record.subarray(0, CALE_IV_BYTES));
    const sealed = memory(record.subarray(CALE_IV_BYTES));
    return new Uint8Array(await crypto.subtle.decrypt(gcm(iv), this.#receiveKey, sealed));
  }
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", memory(bytes)));
}

function aesKey(bytes: Uint8Array, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", memory(bytes), "AES-GCM", false, [usage]);
}

/** Tags have 16 bytes unless one asks for fewer. */
function gcm(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv };
}

/** The types of the web want to know that no other thread writes to these bytes: none of ours is shared. */
function memory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
