import { CHUNK_HEADER_BYTES, type FrameEncoder } from "camp-protocol";
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

/** How chunk frames of one stream are made. */
export interface ChunkMaker {
  readonly encoder: FrameEncoder;
  readonly txId: number;
  readonly allocate: ((bytes: number) => Uint8Array) | undefined;
  /** More frames may be taken, or the end was reached. */
  ready(): void;
  failed(error: Error): void;
}

/** The bytes of a source as encoded TX_CHUNK frames, read ahead by a bounded amount. */
export interface ChunkFeed {
  /** The next frame, or null when none is ready or allowed. */
  next(): Uint8Array | null;
  /** Nothing is left of what was asked for. */
  readonly finished: boolean;
  /** Bytes up to this offset may be sent. */
  allow(end: bigint): void;
  close(): void;
}

/** Feeds from a source that is read front to back. A known size must be met exactly. */
export class SequentialFeed implements ChunkFeed {
  readonly #source: SequentialSource;
  readonly #maker: ChunkMaker;
  readonly #pieces = new Fifo<Uint8Array>();
  #bufferedBytes = 0;
  #position = 0n;
  #read = 0n;
  #allowed = 0n;
  #reading = false;
  #ended = false;
  #closed = false;

  constructor(source: SequentialSource, maker: ChunkMaker) {
    this.#source = source;
    this.#maker = maker;
  }

  get finished(): boolean {
    return this.#ended && this.#bufferedBytes === 0;
  }

  allow(end: bigint): void {
    this.#allowed = end;
    this.#fill();
  }

  next(): Uint8Array | null {
    const room = this.#allowed - this.#position;
    if (this.#bufferedBytes === 0 || room <= 0n) return null;
    const bytes = Math.min(Number(least(room, BigInt(chunkBytes))), this.#bufferedBytes);
    const frame = this.#maker.encoder.txChunk(this.#maker.txId, this.#position, bytes, this.#maker.allocate);
    for (let at = CHUNK_HEADER_BYTES; at < frame.byteLength; ) at += this.#moveInto(frame, at);
    this.#position += BigInt(bytes);
    this.#bufferedBytes -= bytes;
    this.#fill();
    return frame;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pieces.clear();
    this.#bufferedBytes = 0;
    this.#source.close();
  }

  #moveInto(frame: Uint8Array, at: number): number {
    const piece = this.#pieces.first!;
    const bytes = Math.min(piece.byteLength, frame.byteLength - at);
    frame.set(bytes === piece.byteLength ? piece : piece.subarray(0, bytes), at);
    if (bytes === piece.byteLength) this.#pieces.shift();
    else this.#pieces.replaceFirst(piece.subarray(bytes));
    return bytes;
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
    this.#maker.ready();
  }

  #fail(error: Error): void {
    this.#reading = false;
    if (!this.#closed) this.#maker.failed(error);
  }
}

/** Feeds ranges of a source that can be read anywhere, straight into the frames' own memory. */
export class RandomFeed implements ChunkFeed {
  readonly #source: RandomSource;
  readonly #maker: ChunkMaker;
  #ranges: Range[] = [];
  readonly #frames = new Fifo<Uint8Array>();
  #bufferedBytes = 0;
  #allowed = 0n;
  #reading = false;
  #closed = false;

  constructor(source: RandomSource, maker: ChunkMaker) {
    this.#source = source;
    this.#maker = maker;
  }

  get finished(): boolean {
    return this.#ranges.length === 0 && this.#frames.length === 0 && !this.#reading;
  }

  /** Ranges asked for and not yet read. */
  get pendingRanges(): number {
    return this.#ranges.length;
  }

  ask(start: bigint, end: bigint): void {
    if (start < end) this.#ranges.push([start, end]);
    this.#fill();
  }

  allow(end: bigint): void {
    this.#allowed = end;
    this.#fill();
  }

  next(): Uint8Array | null {
    const frame = this.#frames.shift();
    if (frame === undefined) return null;
    this.#bufferedBytes -= frame.byteLength - CHUNK_HEADER_BYTES;
    this.#fill();
    return frame;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames.clear();
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
    const frames = this.#frame(start, bytes);
    const targets = frames.map((frame) => frame.subarray(CHUNK_HEADER_BYTES));
    this.#reading = true;
    this.#source.readAt(targets, start).then(
      (count) => this.#arrived(frames, start, bytes, count),
      (error) => this.#settled(asError(error)),
    );
  }

  #frame(start: bigint, bytes: number): Uint8Array[] {
    const { encoder, txId, allocate } = this.#maker;
    const frames: Uint8Array[] = [];
    for (let at = 0; at < bytes; at += chunkBytes) {
      frames.push(encoder.txChunk(txId, start + BigInt(at), Math.min(chunkBytes, bytes - at), allocate));
    }
    return frames;
  }

  #arrived(frames: Uint8Array[], start: bigint, bytes: number, count: number): void {
    const short = count < bytes;
    this.#settled(short ? new StreamDataError("the source", `it ended at ${start + BigInt(count)}`) : null);
    if (short || this.#closed) return;
    const end = this.#ranges[0]![1];
    const next = start + BigInt(bytes);
    if (next < end) this.#ranges[0] = [next, end];
    else this.#ranges.shift();
    for (const frame of frames) this.#frames.push(frame);
    this.#bufferedBytes += bytes;
    this.#fill();
    this.#maker.ready();
  }

  #settled(error: Error | null): void {
    this.#reading = false;
    if (this.#closed) this.#source.close();
    else if (error !== null) this.#maker.failed(error);
  }
}
