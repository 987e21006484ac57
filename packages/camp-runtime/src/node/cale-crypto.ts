import { createCipheriv, createDecipheriv, createECDH, createHash, createSecretKey, type KeyObject } from "node:crypto";
import type { CaleCrypto, CaleKeyPair, FrameParts, SyncCaleCipher } from "camp-session";
import {
  CALE_IV_BYTES,
  CALE_OVERHEAD_BYTES,
  CALE_TAG_BYTES,
  type CaleRole,
  splitCaleKeys,
  writeCaleIv,
} from "cryo-protocol";

const curve = "prime256v1";
const privateKeyBytes = 32;
const aes = "aes-128-gcm";
/** Of a record in parts: the iv and what a deployed receiver looks at. */
const recordBeginBytes = 21;
/** Without it Node accepts tags of 4 bytes. */
const gcm = { authTagLength: CALE_TAG_BYTES } as const;

/** What CALE needs, by `node:crypto`: everything at once, nothing to wait for. */
export const nodeCaleCrypto: CaleCrypto = {
  createKeyPair: () => new NodeKeyPair(),
  sha256: (bytes) => sha256(bytes),
};

/** A key pair of P-256. It lets go of the private key when it has derived the cipher. */
export class NodeKeyPair implements CaleKeyPair {
  readonly publicKey: Uint8Array;
  #ecdh: ReturnType<typeof createECDH> | null = createECDH(curve);

  /** `privateKey` is for vectors; Node exports it without leading zeros, so it is padded. A fresh one is drawn by default. */
  constructor(privateKey?: Uint8Array) {
    const ecdh = this.#ecdh!;
    if (privateKey === undefined) ecdh.generateKeys();
    else ecdh.setPrivateKey(padded(privateKey));
    this.publicKey = ecdh.getPublicKey();
  }

  derive(peerPublicKey: Uint8Array, role: CaleRole): SyncCaleCipher {
    const ecdh = this.#ecdh;
    if (ecdh === null) throw new Error("the key pair was used before");
    this.#ecdh = null;
    const secret = ecdh.computeSecret(peerPublicKey);
    const hash = sha256(secret);
    const keys = splitCaleKeys(hash, role);
    const cipher = new NodeCaleCipher(createSecretKey(keys.sendKey), createSecretKey(keys.receiveKey));
    for (const bytes of [secret, hash, keys.sendKey, keys.receiveKey]) bytes.fill(0);
    return cipher;
  }
}

/** AES-128-GCM under two keys that nobody can read any more. */
class NodeCaleCipher implements SyncCaleCipher {
  readonly mode = "sync";
  readonly #sendKey: KeyObject;
  readonly #receiveKey: KeyObject;

  constructor(sendKey: KeyObject, receiveKey: KeyObject) {
    this.#sendKey = sendKey;
    this.#receiveKey = receiveKey;
  }

  seal(counter: number, plain: Uint8Array): Uint8Array {
    const record = Buffer.allocUnsafe(plain.byteLength + CALE_OVERHEAD_BYTES);
    writeCaleIv(record, counter);
    const cipher = createCipheriv(aes, this.#sendKey, record.subarray(0, CALE_IV_BYTES), gcm);
    record.set(cipher.update(plain), CALE_IV_BYTES);
    cipher.final();
    record.set(cipher.getAuthTag(), record.byteLength - CALE_TAG_BYTES);
    return record;
  }

  sealParts(counter: number, plain: Uint8Array): FrameParts {
    const bytes = Buffer.allocUnsafe(recordBeginBytes);
    writeCaleIv(bytes, counter);
    const cipher = createCipheriv(aes, this.#sendKey, bytes.subarray(0, CALE_IV_BYTES), gcm);
    const encrypted = cipher.update(plain);
    cipher.final();
    bytes.set(encrypted.subarray(0, recordBeginBytes - CALE_IV_BYTES), CALE_IV_BYTES);
    return { bytes, body: encrypted.subarray(recordBeginBytes - CALE_IV_BYTES), tail: cipher.getAuthTag() };
  }

  open(record: Uint8Array): Uint8Array {
    const tagAt = record.byteLength - CALE_TAG_BYTES;
    const decipher = createDecipheriv(aes, this.#receiveKey, record.subarray(0, CALE_IV_BYTES), gcm);
    decipher.setAuthTag(record.subarray(tagAt));
    const plain = decipher.update(record.subarray(CALE_IV_BYTES, tagAt));
    decipher.final(); // throws unless the tag is right; nothing is handed out before
    return plain;
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function padded(privateKey: Uint8Array): Uint8Array {
  const key = new Uint8Array(privateKeyBytes);
  key.set(privateKey, privateKeyBytes - privateKey.byteLength);
  return key;
}
