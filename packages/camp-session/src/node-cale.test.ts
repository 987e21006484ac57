import { createCipheriv, createDecipheriv, createECDH, createHash } from "node:crypto";
import { type CaleRole, splitCaleKeys, splitCaleRecord, writeCaleIv } from "cryo-protocol";
import type { AsyncCaleCipher, CaleCrypto, CaleKeyPair, SyncCaleCipher } from "./index.js";

// The cryptography of Node for the tests of this package, plain and slow. What ships is in the runtime.

const gcm = { authTagLength: 16 };

export class TestCipher implements SyncCaleCipher {
  readonly mode = "sync";
  readonly #sendKey: Uint8Array;
  readonly #receiveKey: Uint8Array;
  sealed = 0;

  constructor(hash: Uint8Array, role: CaleRole) {
    const { sendKey, receiveKey } = splitCaleKeys(hash, role);
    this.#sendKey = sendKey;
    this.#receiveKey = receiveKey;
  }

  seal(counter: number, plain: Uint8Array): Uint8Array {
    this.sealed++;
    const iv = new Uint8Array(12);
    writeCaleIv(iv, counter);
    const cipher = createCipheriv("aes-128-gcm", this.#sendKey, iv, gcm);
    return new Uint8Array(Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
  }

  open(record: Uint8Array): Uint8Array {
    const { iv, ciphertext, tag } = splitCaleRecord(record);
    const decipher = createDecipheriv("aes-128-gcm", this.#receiveKey, iv, gcm).setAuthTag(tag);
    return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  }
}

export class TestKeyPair implements CaleKeyPair {
  readonly #ecdh = createECDH("prime256v1");
  readonly publicKey: Uint8Array;

  constructor(privateKey?: Uint8Array) {
    if (privateKey === undefined) this.#ecdh.generateKeys();
    else this.#ecdh.setPrivateKey(privateKey);
    this.publicKey = new Uint8Array(this.#ecdh.getPublicKey());
  }

  derive(peerPublicKey: Uint8Array, role: CaleRole): TestCipher {
    return new TestCipher(sha256(this.#ecdh.computeSecret(peerPublicKey)), role);
  }
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

export const testCrypto: CaleCrypto = { createKeyPair: () => new TestKeyPair(), sha256 };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** As a platform has it where everything takes waiting, some steps longer than others. */
export class SlowCipher implements AsyncCaleCipher {
  readonly mode = "async";
  readonly #cipher: TestCipher;
  inFlight = 0;
  inFlightMax = 0;

  constructor(cipher: TestCipher) {
    this.#cipher = cipher;
  }

  seal(counter: number, plain: Uint8Array): Promise<Uint8Array> {
    return this.#slowly(counter, () => this.#cipher.seal(counter, plain));
  }

  open(record: Uint8Array): Promise<Uint8Array> {
    return this.#slowly(record[11]!, () => this.#cipher.open(record));
  }

  async #slowly<T>(seed: number, run: () => T): Promise<T> {
    this.inFlight++;
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
    for (let turns = (seed * 7) % 4; turns > 0; turns--) await turn();
    this.inFlight--;
    return run();
  }
}

export function slowCrypto(made: SlowCipher[] = []): CaleCrypto {
  return {
    createKeyPair: async () => {
      await turn();
      const pair = new TestKeyPair();
      return {
        publicKey: pair.publicKey,
        derive: async (peerPublicKey, role) => {
          await turn();
          const cipher = new SlowCipher(pair.derive(peerPublicKey, role));
          made.push(cipher);
          return cipher;
        },
      };
    },
    sha256: async (bytes) => sha256(bytes),
  };
}
