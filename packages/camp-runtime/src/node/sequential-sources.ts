import { finished, type Readable } from "node:stream";
import { toBytes } from "camp-runtime";
import type { SequentialSource } from "camp-session";

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

function ignore(): void {}
