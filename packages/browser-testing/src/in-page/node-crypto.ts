// In the place of node:crypto, for tests that make peers who encrypt: the audited implementations that a browser can load.

import { gcm } from "@noble/ciphers/aes.js";
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";

export function createHash(_name: "sha256") {
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    update(more: Uint8Array) {
      bytes = more;
      return this;
    },
    digest: () => sha256(bytes),
  };
}

export function createECDH(_curve: "prime256v1") {
  let secret: Uint8Array = p256.utils.randomSecretKey();
  return {
    generateKeys: () => undefined,
    setPrivateKey(key: Uint8Array) {
      secret = key;
    },
    getPublicKey: () => p256.getPublicKey(secret, false),
    computeSecret: (peer: Uint8Array) => p256.getSharedSecret(secret, peer, false).slice(1, 33),
  };
}

const tagBytes = 16;
const nothing = new Uint8Array(0);

export function createCipheriv(_name: "aes-128-gcm", key: Uint8Array, iv: Uint8Array) {
  let sealed: Uint8Array = nothing;
  return {
    update(plain: Uint8Array) {
      sealed = gcm(key, iv).encrypt(plain);
      return sealed.subarray(0, -tagBytes);
    },
    final: () => nothing,
    getAuthTag: () => sealed.subarray(-tagBytes),
  };
}

export function createDecipheriv(_name: "aes-128-gcm", key: Uint8Array, iv: Uint8Array) {
  let tag: Uint8Array = nothing;
  return {
    setAuthTag(bytes: Uint8Array) {
      tag = bytes;
      return this;
    },
    update(ciphertext: Uint8Array) {
      const sealed = new Uint8Array(ciphertext.byteLength + tag.byteLength);
      sealed.set(ciphertext);
      sealed.set(tag, ciphertext.byteLength);
      return gcm(key, iv).decrypt(sealed);
    },
    final: () => nothing,
  };
}
