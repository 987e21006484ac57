/** CALE v1 by hand, from section 3 of the wire description alone, on `node:crypto` as it is. */

import { createCipheriv, createDecipheriv, createECDH, createHash, type ECDH } from "node:crypto";

export type End = "client" | "server";

const ivBytes = 12;
const tagBytes = 16;

/** The iv of a counter: 8 zero bytes and the counter. */
export function ivOf(counter: number): Buffer {
  const iv = Buffer.alloc(ivBytes);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

/** A record under a key and an iv of the caller's. CALE has no additional data. */
export function sealWith(key: Buffer, iv: Buffer, frame: Buffer, additional: Buffer = Buffer.alloc(0)): Buffer {
  const cipher = createCipheriv("aes-128-gcm", key, iv, { authTagLength: tagBytes }).setAAD(additional);
  return Buffer.concat([iv, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
}

/** The frame in a record. Throws if the record was not made with this key. */
export function openWith(key: Buffer, record: Buffer): Buffer {
  const decipher = createDecipheriv("aes-128-gcm", key, record.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(record.subarray(-tagBytes));
  return Buffer.concat([decipher.update(record.subarray(ivBytes, -tagBytes)), decipher.final()]);
}

export const counterOf = (record: Buffer): number => record.readUInt32BE(8);

const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/** What one end has once both public keys are known. */
export interface Keys {
  readonly send: Buffer;
  readonly receive: Buffer;
  /** What ECDH gave. */
  readonly secret: Buffer;
  /** What `session.channelBinding` must be. */
  readonly binding: Buffer;
}

/** One end's key pair for one connection. */
export class KeyPair {
  readonly publicKey: Buffer;
  readonly #ecdh: ECDH;

  /** Default: a fresh private key. */
  constructor(privateKey?: Buffer) {
    this.#ecdh = createECDH("prime256v1");
    if (privateKey === undefined) this.#ecdh.generateKeys();
    else this.#ecdh.setPrivateKey(privateKey);
    this.publicKey = this.#ecdh.getPublicKey();
  }

  /** The same key in a form that is one byte for y, or all of it under another prefix. */
  encoded(form: "compressed" | "hybrid"): Buffer {
    return this.#ecdh.getPublicKey(null, form);
  }

  keysWith(peerKey: Buffer, own: End): Keys {
    const secret = this.#ecdh.computeSecret(peerKey);
    const hash = sha256(secret);
    const [first, second] = [hash.subarray(0, 16), hash.subarray(16)];
    const inOrder = own === "server" ? [this.publicKey, peerKey] : [peerKey, this.publicKey];
    const binding = sha256(Buffer.concat([Buffer.from("cale1-cb"), ...inOrder]));
    return own === "client"
      ? { receive: first, send: second, secret, binding }
      : { receive: second, send: first, secret, binding };
  }
}
