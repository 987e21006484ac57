import type { RandomSource, SequentialSource } from "../source.js";

/** A source that yields what a test gives it, when it gives it. */
export class HandSource implements SequentialSource {
  readonly kind = "sequential";
  readonly size: bigint | null;
  /** How often it was asked for bytes, and whether it was released. */
  asked = 0;
  closes = 0;
  #given: (Uint8Array | null | Error)[] = [];
  #waiting: { resolve(bytes: Uint8Array | null): void; reject(error: Error): void } | null = null;

  constructor(size: bigint | null = null) {
    this.size = size;
  }

  /** Bytes to yield, null for the end, or an error to fail with. */
  give(...pieces: (Uint8Array | null | Error)[]): this {
    this.#given.push(...pieces);
    this.#serve();
    return this;
  }

  next(): Promise<Uint8Array | null> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  close(): void {
    this.closes++;
  }

  #serve(): void {
    if (this.#waiting === null || this.#given.length === 0) return;
    const piece = this.#given.shift()!;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (piece instanceof Error) waiting.reject(piece);
    else waiting.resolve(piece);
  }
}

/** A source of any size without memory: the byte at an offset is the offset modulo 251. */
export class PatternSource implements RandomSource {
  readonly kind = "random";
  readonly size: bigint;
  /** Where it was read, in order. */
  readonly reads: bigint[] = [];
  closes = 0;
  /** Holds reads back until the test lets them go. */
  gate: Promise<void> = Promise.resolve();
  /** Fails or ends early when it is read. */
  fault: Error | "short" | null = null;

  constructor(size: bigint) {
    this.size = size;
  }

  async readAt(targets: readonly Uint8Array[], position: bigint): Promise<number> {
    this.reads.push(position);
    await this.gate;
    if (this.fault instanceof Error) throw this.fault;
    let at = Number(position % 251n);
    let count = 0;
    for (const target of targets) {
      for (let index = 0; index < target.byteLength; index++) target[index] = at++ % 251;
      count += target.byteLength;
    }
    return this.fault === "short" ? count - 1 : count;
  }

  close(): void {
    this.closes++;
  }
}
