import type { RandomSource } from "camp-session";

/** Bytes in memory, used in place. */
export class MemorySource implements RandomSource {
  readonly kind = "random";
  readonly size: bigint;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.size = BigInt(bytes.byteLength);
    this.#bytes = bytes;
  }

  readAt(targets: readonly Uint8Array[], position: bigint): number {
    return scatter(this.#bytes.subarray(Number(position)), targets);
  }

  viewAt(position: bigint, bytes: number): Uint8Array {
    const start = Number(position);
    return this.#bytes.subarray(start, start + bytes);
  }

  close(): void {}
}

/** As much of a Blob as is read here. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A Blob or File. */
export class BlobSource implements RandomSource {
  readonly kind = "random";
  readonly size: bigint;
  readonly #blob: BlobLike;

  constructor(blob: BlobLike) {
    this.size = BigInt(blob.size);
    this.#blob = blob;
  }

  async readAt(targets: readonly Uint8Array[], position: bigint): Promise<number> {
    const start = Number(position);
    const part = await this.#blob.slice(start, start + totalBytes(targets)).arrayBuffer();
    return scatter(new Uint8Array(part), targets);
  }

  close(): void {}
}

/** Copies bytes into the targets, one after another; returns how many. */
function scatter(bytes: Uint8Array, targets: readonly Uint8Array[]): number {
  let copiedBytes = 0;
  for (const target of targets) {
    const part = bytes.subarray(copiedBytes, copiedBytes + target.byteLength);
    target.set(part);
    copiedBytes += part.byteLength;
  }
  return copiedBytes;
}

function totalBytes(targets: readonly Uint8Array[]): number {
  return targets.reduce((sum, target) => sum + target.byteLength, 0);
}
