import { finished, type Readable } from "node:stream";
import type { ReadableStream, ReadableStreamDefaultReader } from "node:stream/web";
import type { SequentialSource } from "camp-session";
import { wrongType } from "./arguments.js";
import { bytesOf } from "./buffers.js";

/** What pieces of bytes a source may yield. */
export type Bytes = Uint8Array | ArrayBuffer;

/** A Node Readable. It is destroyed when the stream is done with it. */
export class ReadableSource implements SequentialSource {
  readonly kind = "sequential";
  readonly size: bigint | null;
  readonly #readable: Readable;
  readonly #pieces: AsyncIterator<unknown>;

  constructor(readable: Readable, size: bigint | null) {
    if (readable.readableEnded) throw new TypeError("source was read to its end before");
    this.size = size;
    this.#readable = readable;
    this.#pieces = readable[Symbol.asyncIterator]();
    // An iterator listens from its first `next()` on; an error before that must wait for it, not end the process.
    finished(readable, { writable: false }, ignore);
  }

  async next(): Promise<Uint8Array | null> {
    const { done, value } = await this.#pieces.next();
    return done ? null : toBytes(value);
  }

  /** Not `return()` of the iterator, which would wait behind a `next()` that may never come back. */
  close(): void {
    this.#readable.destroy();
  }
}

/** A web stream. It is locked from the start and cancelled at the end. */
export class WebStreamSource implements SequentialSource {
  readonly kind = "sequential";
  readonly size: bigint | null;
  readonly #reader: ReadableStreamDefaultReader<unknown>;

  /** @throws TypeError if the stream is locked by another reader */
  constructor(stream: ReadableStream<unknown>, size: bigint | null) {
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

function toBytes(piece: unknown): Uint8Array {
  const bytes = bytesOf(piece);
  if (bytes === null) throw wrongType("each piece of the source", "a Buffer, Uint8Array or ArrayBuffer", piece);
  return bytes;
}

function ignore(): void {}
