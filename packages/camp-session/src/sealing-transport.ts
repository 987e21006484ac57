import { CALE_OVERHEAD_BYTES } from "cryo-protocol";
import type { CaleCipher } from "./cale-crypto.js";
import type { RecordSealer } from "./cale-records.js";
import { whole } from "./join.js";
import type { Transport } from "./transport.js";

/** Told about the keys in use. */
export interface SealingOwner {
  /** This end closes the connection. */
  closing(): void;
  /** Records left. */
  sealed(): void;
  /** The keys may not be used any more: a frame was held back, and all that follow will be. */
  spent(): void;
  /** The platform's cryptography failed. */
  failed(): void;
}

/**
 * A transport in front of the real one that turns each frame into a record once there are keys. What the outbox hands over is
 * sealed in that moment, in that order. Where sealing takes waiting the frames wait here and count as buffered.
 */
export class SealingTransport implements Transport {
  readonly #inner: Transport;
  readonly #owner: SealingOwner;
  #keys: { readonly cipher: CaleCipher; readonly sealer: RecordSealer } | null = null;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #working = false;
  #closing: { readonly code: number; readonly reason: string } | null = null;

  constructor(inner: Transport, owner: SealingOwner) {
    this.#inner = inner;
    this.#owner = owner;
  }

  /** From the next frame on everything is sealed. */
  seal(cipher: CaleCipher, sealer: RecordSealer): void {
    this.#keys = { cipher, sealer };
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes + this.#waitingBytes;
  }

  get receivedBytes(): number {
    return this.#inner.receivedBytes;
  }

  send(bytes: Uint8Array, body?: Uint8Array, tail?: Uint8Array): void {
    if (this.#closing !== null) return;
    if (this.#keys === null) {
      this.#inner.send(bytes, body, tail);
      return;
    }
    const { cipher, sealer } = this.#keys;
    const frame = whole({ bytes, body, tail });
    if (cipher.mode === "async") {
      this.#waiting.push(frame);
      this.#waitingBytes += frame.byteLength + CALE_OVERHEAD_BYTES;
      if (!this.#working) void this.#work(cipher, sealer);
    } else if (sealer.use.spent) this.#owner.spent();
    else {
      const record = sealer.sealNow(cipher, frame);
      this.#inner.send(record.bytes, record.body, record.tail);
      this.#owner.sealed();
    }
  }

  pause(): boolean {
    return this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  /** What waits to be sealed still goes out before. */
  close(code: number, reason: string): void {
    if (this.#closing !== null) return;
    this.#closing = { code, reason };
    this.#owner.closing();
    if (!this.#working) this.#inner.close(code, reason);
  }

  terminate(): void {
    this.#owner.closing();
    this.drop();
    this.#inner.terminate();
  }

  /** The connection is gone. */
  drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  async #work(cipher: Extract<CaleCipher, { mode: "async" }>, sealer: RecordSealer): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      if (sealer.use.spent) {
        this.drop();
        this.#owner.spent();
      } else if (!(await this.#sealSome(cipher, sealer))) {
        this.drop();
        this.#owner.failed();
      }
    }
    this.#working = false;
    if (this.#closing !== null) this.#inner.close(this.#closing.code, this.#closing.reason);
  }

  /** Sends what could be sealed; false if the platform failed. */
  async #sealSome(cipher: Extract<CaleCipher, { mode: "async" }>, sealer: RecordSealer): Promise<boolean> {
    const frames = this.#waiting;
    let records: Uint8Array[];
    try {
      records = await sealer.sealSome(cipher, frames);
    } catch {
      return false;
    }
    if (this.#waiting !== frames) return true; // dropped meanwhile
    this.#waiting.splice(0, records.length);
    for (const record of records) {
      this.#waitingBytes -= record.byteLength;
      this.#inner.send(record);
    }
    if (records.length > 0) this.#owner.sealed();
    return true;
  }
}
