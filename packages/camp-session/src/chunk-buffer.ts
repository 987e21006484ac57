import { Fifo } from "./fifo.js";
import { chunkBytes, KIB } from "./limits.js";

/** Chunks smaller than this, or that fill less than half of the memory they lie in, are copied together. */
const ownChunkBytes = 4 * KIB;

/**
 * Bytes of a stream that arrived and were not taken. Large chunks are kept as they came; small ones are copied into blocks, so
 * that a peer which sends single bytes makes us hold no more than it sent.
 */
export class ChunkBuffer {
  #chunks = new Fifo<Uint8Array>();
  /** The block being filled; what lies in it from `#blockTaken` to `#blockEnd` comes after all chunks. */
  #block: Uint8Array | null = null;
  #blockTaken = 0;
  #blockEnd = 0;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  push(bytes: Uint8Array): void {
    this.#byteLength += bytes.byteLength;
    if (bytes.byteLength < ownChunkBytes || bytes.byteLength * 2 < bytes.buffer.byteLength) this.#copy(bytes);
    else {
      this.#closeBlock();
      this.#chunks.push(bytes);
    }
  }

  shift(): Uint8Array | null {
    if (this.#chunks.length === 0) this.#flushBlock();
    const chunk = this.#chunks.shift() ?? null;
    if (chunk !== null) this.#byteLength -= chunk.byteLength;
    return chunk;
  }

  clear(): void {
    this.#chunks.clear();
    this.#block = null;
    this.#blockTaken = 0;
    this.#blockEnd = 0;
    this.#byteLength = 0;
  }

  #copy(bytes: Uint8Array): void {
    for (let rest = bytes; rest.byteLength > 0; ) {
      this.#block ??= new Uint8Array(chunkBytes);
      const part = rest.subarray(0, this.#block.byteLength - this.#blockEnd);
      this.#block.set(part, this.#blockEnd);
      this.#blockEnd += part.byteLength;
      rest = rest.subarray(part.byteLength);
      if (this.#blockEnd === this.#block.byteLength) this.#closeBlock();
    }
  }

  /** What the block holds becomes a chunk; the rest of its memory is used on. */
  #flushBlock(): void {
    if (this.#block === null || this.#blockEnd === this.#blockTaken) return;
    this.#chunks.push(this.#block.subarray(this.#blockTaken, this.#blockEnd));
    this.#blockTaken = this.#blockEnd;
  }

  #closeBlock(): void {
    this.#flushBlock();
    this.#block = null;
    this.#blockTaken = 0;
    this.#blockEnd = 0;
  }
}
