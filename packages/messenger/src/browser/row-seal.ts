import type { Json } from "../client/index.js";

const ivBytes = 12;
/** Rows that were opened lately stay open: a receipt looks at the same ones again and again. */
const openedMax = 1024;

/** Bytes under the key of this browser: who copies its files reads nothing. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

/** Seals what a store keeps under a key that nobody can export, each row to its place. */
export class RowSeal {
  readonly #key: CryptoKey;
  /** By iv, which no two rows share: what stands behind one never changes. */
  readonly #opened = new Map<string, Json>();

  constructor(key: CryptoKey) {
    this.#key = key;
  }

  static makeKey(): Promise<CryptoKey> {
    return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }

  /** @param place table and key: a row that is moved does not open */
  async sealJson(place: string, data: unknown): Promise<Sealed> {
    return this.seal(place, new TextEncoder().encode(JSON.stringify(data)));
  }

  /** @throws {DOMException} for what was changed or moved */
  async openJson(place: string, sealed: Sealed): Promise<Json> {
    const name = String.fromCharCode(...sealed.iv);
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const data = JSON.parse(new TextDecoder().decode(await this.open(place, sealed))) as Json;
    this.#opened.set(name, data);
    if (this.#opened.size > openedMax) this.#opened.delete(this.#opened.keys().next().value!);
    return data;
  }

  async seal(place: string, plain: Uint8Array<ArrayBuffer>): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
    return { iv, bytes: await crypto.subtle.encrypt(algorithm(iv, place), this.#key, plain) };
  }

  open(place: string, { iv, bytes }: Sealed): Promise<ArrayBuffer> {
    return crypto.subtle.decrypt(algorithm(iv, place), this.#key, bytes);
  }
}

function algorithm(iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) };
}
