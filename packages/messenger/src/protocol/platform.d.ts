// The only names of the web platform that the protocol may use; anything else fails to compile here.
interface SubtleCrypto {
  digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer>;
  generateKey(
    algorithm: object,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<import("./keys.js").WebKeyPair>;
  importKey(
    format: "jwk",
    key: import("./keys.js").Jwk,
    algorithm: object,
    extractable: boolean,
    usages: string[],
  ): Promise<import("./keys.js").WebKey>;
  importKey(
    format: "raw" | "spki" | "pkcs8",
    key: Uint8Array,
    algorithm: object | string,
    extractable: boolean,
    usages: string[],
  ): Promise<import("./keys.js").WebKey>;
  exportKey(format: "jwk", key: import("./keys.js").WebKey): Promise<import("./keys.js").Jwk>;
  exportKey(format: "raw" | "spki" | "pkcs8", key: import("./keys.js").WebKey): Promise<ArrayBuffer>;
  sign(algorithm: object, key: import("./keys.js").WebKey, data: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: object, key: import("./keys.js").WebKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
  deriveBits(algorithm: object, key: import("./keys.js").WebKey, bits: number): Promise<ArrayBuffer>;
  encrypt(algorithm: object, key: import("./keys.js").WebKey, data: Uint8Array): Promise<ArrayBuffer>;
  decrypt(algorithm: object, key: import("./keys.js").WebKey, data: Uint8Array): Promise<ArrayBuffer>;
}

/** Only the platform's cryptography. Its randomness is handed in, as time is. */
declare const crypto: { readonly subtle: SubtleCrypto };

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare class TextDecoder {
  constructor(encoding: "utf-8", options: { fatal: true; ignoreBOM: true });
  decode(bytes: Uint8Array): string;
}
