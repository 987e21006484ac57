import { StreamDataError } from "./errors.js";
import { Fifo } from "./fifo.js";
import { asError } from "./hook-chain.js";
import { chunkBytes, KIB } from "./limits.js";
import { least, type Range } from "./ranges.js";
import type { RandomSource, SequentialSource } from "./source.js";

/** Bytes read ahead of the socket, so that reading and sending overlap. */
const readAheadBytes = 512 * KIB;

/** Pieces read ahead: a source of single bytes must not cost more than its bytes are worth. */
const readAheadPieces = 1024;

/** Pieces smaller than this are joined; larger ones are sent from where they lie. */
const joinBytes = 16 * KIB;

/** What a feed needs of its stream. */
export interface ChunkReader {
  readonly allocate: (bytes: number) => Uint8Array;
  /** More chunks may be taken, or the end was reached. */
  ready(): void;
  failed(error: Error): void;
}

/** Bytes of a stream and their place in it, at most 64 KiB. */
export interface Chunk {
  readonly offset: bigint;
  readonly bytes: Uint8Array;
}

/** The bytes of a source in chunks, read ahead by a bounded amount. */
export interface ChunkFeed {
  /** The next chunk, or null when none is ready or allowed. */
  next(): Chunk | null;
  /** Nothing is left of what was asked for. */
  readonly finished: boolean;
  /** Bytes up to this offset may be sent. */
  allow(end: bigint): void;
  close(): void;
}

/** Feeds from a source that is read front to back. A known size must be met exactly. */
export class SequentialFeed implements ChunkFeed {
  readonly #source: SequentialSource;
  readonly #reader: ChunkReader;
  readonly #pieces = new Fifo<Uint8Array>();
  #bufferedBytes = 0;
  #position = 0n;
  #read = 0n;
  #allowed = 0n;
  #reading = false;
  #ended = false;
  #closed = false;

  constructor(source: SequentialSource, reader: ChunkReader) {
    this.#source = source;
    this.#reader = reader;
  }

  get finished(): boolean {
    return this.#ended && this.#bufferedBytes === 0;
  }

  allow(end: bigint): void {
    this.#allowed = end;
    this.#fill();
  }

  next(): Chunk | null {
    const room = this.#allowed - this.#position;
    if (this.#bufferedBytes === 0 || room <= 0n) return null;
    const most = Math.min(Number(least(room, BigInt(chunkBytes))), this.#bufferedBytes);
    const bytes = this.#pieces.first!.byteLength >= joinBytes ? this.#take(most) : this.#join(most);
    const offset = this.#position;
    this.#position += BigInt(bytes.byteLength);
    this.#bufferedBytes -= bytes.byteLength;
    this.#fill();
    return { offset, bytes };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces.clear();
    this.#bufferedBytes = 0;
    this.#source.close();
  }

  /** At most so many bytes of the first piece, as they lie. */
  #take(most: number): Uint8Array {
    const piece = this.#pieces.first!;
    if (piece.byteLength <= most) return this.#pieces.shift()!;
    this.#pieces.replace(0, piece.subarray(most));
    return piece.subarray(0, most);
  }

  #join(bytes: number): Uint8Array {
    const joined = this.#reader.allocate(bytes);
    for (let at = 0; at < bytes; ) {
      const part = this.#take(bytes - at);
      joined.set(part, at);
      at += part.byteLength;
    }
    return joined;
  }

  #fill(): void {
    if (this.#reading || this.#ended || this.#closed) return;
    if (this.#bufferedBytes >= readAheadBytes || this.#pieces.length >= readAheadPieces) return;
    this.#reading = true;
    this.#source.next().then(
      (piece) => this.#arrived(piece),
      (error) => this.#fail(asError(error)),
    );
  }

  #arrived(piece: Uint8Array | null): void {
    this.#reading = false;
    if (this.#closed) return;
    this.#read += BigInt(piece?.byteLength ?? 0);
    const { size } = this.#source;
    if (size !== null && (this.#read > size || (piece === null && this.#read < size))) {
      this.#fail(new StreamDataError("the source", `it yielded ${this.#read} of ${size} bytes`));
      return;
    }
    if (piece === null) this.#ended = true;
    else if (piece.byteLength > 0) {
      this.#pieces.push(piece);
      this.#bufferedBytes += piece.byteLength;
    }
    this.#fill();
    this.#reader.ready();
  }

  #fail(error: Error): void {
    this.#reading = false;
    if (!this.#closed) this.#reader.failed(error);
  }
}

/** Feeds ranges of a source that can be read anywhere, straight into the memory that is then sent. */
export class RandomFeed implements ChunkFeed {
  readonly #source: RandomSource;
  readonly #reader: ChunkReader;
  #ranges: Range[] = [];
  readonly #chunks = new Fifo<Chunk>();
  #bufferedBytes = 0;
  #allowed = 0n;
  #reading = false;
  #closed = false;

  constructor(source: RandomSource, reader: ChunkReader) {
    this.#source = source;
    this.#reader = reader;
  }

  get finished(): boolean {
    return this.#ranges.length === 0 && this.#chunks.length === 0 && !this.#reading;
  }

  /** Ranges asked for and not yet read. */
  get pendingRanges(): number {
    return this.#ranges.length;
  }

  ask(start: bigint, end: bigint): void {
    const last = this.#ranges.at(-1);
    // A reader that goes front to back asks piece by piece; read together they cost one wait instead of many.
    if (last !== undefined && last[1] === start) this.#ranges[this.#ranges.length - 1] = [last[0], end];
    else if (start < end) this.#ranges.push([start, end]);
    this.#fill();
  }

  allow(end: bigint): void {
    this.#allowed = end;
    this.#fill();
  }

  next(): Chunk | null {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return null;
    this.#bufferedBytes -= chunk.bytes.byteLength;
    this.#fill();
    return chunk;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunks.clear();
    this.#ranges = [];
    if (!this.#reading) this.#source.close();
  }

  /** Reads the next piece while the one before is being sent. */
  #fill(): void {
    const range = this.#ranges[0];
    if (range === undefined || this.#reading || this.#closed || this.#bufferedBytes >= readAheadBytes) return;
    const [start] = range;
    const end = least(range[1], this.#allowed);
    if (start >= end) return;
    const bytes = Number(least(end - start, BigInt(readAheadBytes)));
    this.#reading = true;
    const { viewAt } = this.#source;
    const chunks = split(start, bytes, viewAt?.bind(this.#source) ?? ((_, length) => this.#reader.allocate(length)));
    if (viewAt !== undefined) this.#arrived(chunks, start, bytes, bytes);
    else this.#read(chunks, start, bytes);
  }

  #read(chunks: readonly Chunk[], start: bigint, bytes: number): void {
    const arrived = (count: number): void => this.#arrived(chunks, start, bytes, count);
    const failed = (error: unknown): void => this.#settled(asError(error));
    const targets = chunks.map((chunk) => chunk.bytes);
    try {
      const count = this.#source.readAt(targets, start);
      if (typeof count === "number") arrived(count);
      else count.then(arrived, failed);
    } catch (error) {
      failed(error);
    }
  }

  #arrived(chunks: readonly Chunk[], start: bigint, bytes: number, count: number): void {
    const short = count < bytes;
    this.#settled(short ? new StreamDataError("the source", `it ended at ${start + BigInt(count)}`) : null);
    if (short || this.#closed) return;
    const end = this.#ranges[0]![1];
    const next = start + BigInt(bytes);
    if (next < end) this.#ranges[0] = [next, end];
    else this.#ranges.shift();
    for (const chunk of chunks) this.#chunks.push(chunk);
    this.#bufferedBytes += bytes;
    this.#fill();
    this.#reader.ready();
  }

  #settled(error: Error | null): void {
    this.#reading = false;
    if (this.#closed) this.#source.close();
    else if (error !== null) this.#reader.failed(error);
  }
}

/** Cuts a range into chunks, each with the memory that `memoryAt` gives for it. */
function split(start: bigint, bytes: number, memoryAt: (offset: bigint, bytes: number) => Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 0; at < bytes; at += chunkBytes) {
    const offset = start + BigInt(at);
    chunks.push({ offset, bytes: memoryAt(offset, Math.min(chunkBytes, bytes - at)) });
  }
  return chunks;
}
