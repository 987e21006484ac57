import { committed, filesStore, resultOf } from "./database.js";
import type { RowSeal, Sealed } from "./row-seal.js";

/** Sealed in pieces of this size, so that a large file never stands in memory twice. */
const pieceBytes = 1 << 20;

interface StoredPiece {
  readonly key: string;
  readonly sealed: Sealed;
}

/** Files that arrived, sealed as the rest of the store is. One that did not arrive whole is not there. */
export class FileVault {
  readonly #database: IDBDatabase;
  readonly #seal: RowSeal;

  constructor(database: IDBDatabase, seal: RowSeal) {
    this.#database = database;
    this.#seal = seal;
  }

  /** Keeps what comes until its end; nothing if it fails. */
  async keep(id: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces = new Pieces();
    let count = 0;
    const write = async (piece: Uint8Array<ArrayBuffer>) => {
      await this.#put({ key: pieceKey(id, count), sealed: await this.#seal.seal(pieceKey(id, count), piece) });
      count++;
    };
    try {
      for await (const chunk of content) for (const piece of pieces.add(chunk)) await write(piece);
      await write(pieces.rest());
      await this.#put({ key: id, sealed: await this.#seal.sealJson(id, count) });
    } catch (error) {
      await this.remove(id);
      throw error;
    }
  }

  async has(id: string): Promise<boolean> {
    return (await this.#get(id)) !== undefined;
  }

  /** The whole file, or null if it is not here. */
  async file(id: string): Promise<Blob | null> {
    const end = await this.#get(id);
    if (end === undefined) return null;
    const count = (await this.#seal.openJson(id, end.sealed)) as number;
    const parts: ArrayBuffer[] = [];
    for (let index = 0; index < count; index++) {
      const key = pieceKey(id, index);
      parts.push(await this.#seal.open(key, (await this.#get(key))!.sealed));
    }
    return new Blob(parts);
  }

  async remove(id: string): Promise<void> {
    const transaction = this.#database.transaction(filesStore, "readwrite");
    transaction.objectStore(filesStore).delete(IDBKeyRange.bound(id, `${id}/\uffff`));
    await committed(transaction);
  }

  #get(key: string): Promise<StoredPiece | undefined> {
    return resultOf(this.#database.transaction(filesStore).objectStore(filesStore).get(key));
  }

  async #put(piece: StoredPiece): Promise<void> {
    const transaction = this.#database.transaction(filesStore, "readwrite");
    transaction.objectStore(filesStore).put(piece);
    await committed(transaction);
  }
}

/** Chunks of any size as pieces of one. */
class Pieces {
  #held: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  *add(chunk: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.slice(at, at + pieceBytes - this.#bytes);
      this.#held.push(part);
      this.#bytes += part.length;
      at += part.length;
      if (this.#bytes === pieceBytes) yield this.rest();
    }
  }

  rest(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#held) {
      whole.set(part, at);
      at += part.length;
    }
    [this.#held, this.#bytes] = [[], 0];
    return whole;
  }
}

function pieceKey(id: string, index: number): string {
  return `${id}/${String(index).padStart(8, "0")}`;
}
