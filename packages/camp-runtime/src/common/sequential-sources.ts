import type { SequentialSource } from "camp-session";
import { wrongType } from "./arguments.js";
import { bytesOf } from "./bytes.js";

/** As much of a web stream as is read here, whichever implementation it comes from. */
export interface WebStream {
  getReader(): WebStreamReader;
}

interface WebStreamReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(): Promise<void>;
}

/** A web stream. It is locked from the start and cancelled at the end. */
export class WebStreamSource implements SequentialSource {
  readonly kind = "sequential";
  readonly size: bigint | null;
  readonly #reader: WebStreamReader;

  /** @throws TypeError if the stream is locked by another reader */
  constructor(stream: WebStream, size: bigint | null) {
    this.size = size;
    this.#reader = stream.getReader();
  }

  async next(): Promise<Uint8Array | null> {
    const { done, value } = await this.#reader.read();
    return done ? null : toBytes(value);
  }

  close(): void {
    // Rejects only with what `next()` told already, or with a clean-up that failed after nobody wanted it any more.
    this.#reader.cancel().catch(ignore);
  }
}

/** Any iterable of bytes, asynchronous or not. */
export class IterableSource implements SequentialSource {
  readonly kind = "sequential";
  readonly size: bigint | null;
  readonly #pieces: AsyncIterator<unknown> | Iterator<unknown>;
  #over = false;

  constructor(iterable: AsyncIterable<unknown> | Iterable<unknown>, size: bigint | null) {
    this.size = size;
    this.#pieces = Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
  }

  async next(): Promise<Uint8Array | null> {
    try {
      const { done, value } = await this.#pieces.next();
      this.#over = done === true;
      return this.#over ? null : toBytes(await value);
    } catch (error) {
      this.#over = true;
      throw error;
    }
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#return().catch(ignore);
  }

  async #return(): Promise<void> {
    await this.#pieces.return?.();
  }
}

/** @throws TypeError for a piece that is no bytes */
export function toBytes(piece: unknown): Uint8Array {
  const bytes = bytesOf(piece);
  if (bytes === null) throw wrongType("each piece of the source", "a Buffer, Uint8Array or ArrayBuffer", piece);
  return bytes;
}

function ignore(): void {}
