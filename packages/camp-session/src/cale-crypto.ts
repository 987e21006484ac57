import type { CaleRole } from "cryo-protocol";
import type { FrameParts } from "./join.js";

/** A value that some platforms have at once and others later. */
export type Awaitable<T> = T | Promise<T>;

/** The cryptography that CALE needs (cryo-v1.md section 3), given by the platform: `node:crypto`, WebCrypto. */
export interface CaleCrypto {
  /** A fresh P-256 key pair for one connection. */
  createKeyPair(): Awaitable<CaleKeyPair>;
  sha256(bytes: Uint8Array): Awaitable<Uint8Array>;
}

/** This end's key pair of one connection. */
export interface CaleKeyPair {
  /** Uncompressed, 65 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The cipher that the two ends share: ECDH, SHA-256 of the x coordinate, `splitCaleKeys`. Called once; the private key and
   * the secret are dropped. Fails for a point that is not on the curve. The form of the key was checked before.
   */
  derive(peerPublicKey: Uint8Array, role: CaleRole): Awaitable<CaleCipher>;
}

/** AES-128-GCM under the keys of one end; on a platform where that takes no waiting. */
export interface SyncCaleCipher {
  readonly mode: "sync";
  /** A new record for `plain` under this counter, 28 bytes longer. */
  seal(counter: number, plain: Uint8Array): Uint8Array;
  /**
   * The same record in parts, where the platform would otherwise copy them together: iv and the beginning of what is
   * encrypted (at least 21 bytes), the rest of it, the tag. Worth it for long frames.
   */
  sealParts?(counter: number, plain: Uint8Array): FrameParts;
  /** What a record of at least 49 bytes holds, in memory of its own. Throws unless all 16 bytes of the tag are right. */
  open(record: Uint8Array): Uint8Array;
}

/** The same where it does. */
export interface AsyncCaleCipher {
  readonly mode: "async";
  seal(counter: number, plain: Uint8Array): Promise<Uint8Array>;
  open(record: Uint8Array): Promise<Uint8Array>;
}

export type CaleCipher = SyncCaleCipher | AsyncCaleCipher;

/** Goes on with what `step` gives, at once where it is there at once. `failed` also stands for a step that throws. */
export function attempt<T>(step: () => Awaitable<T>, done: (value: T) => void, failed: () => void): void {
  let value: Awaitable<T>;
  try {
    value = step();
  } catch {
    failed();
    return;
  }
  if (value instanceof Promise) value.then(done, failed);
  else done(value);
}
