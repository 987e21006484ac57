// Keys of WebCrypto as this package sees them: it holds them, and only the platform looks inside. The platform's own
// `CryptoKey`, `CryptoKeyPair` and `JsonWebKey` fit.

export interface WebKey {
  readonly type: string;
  readonly extractable: boolean;
}

export interface WebKeyPair {
  readonly publicKey: WebKey;
  readonly privateKey: WebKey;
}

export interface Jwk {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}
