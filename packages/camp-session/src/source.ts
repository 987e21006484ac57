/** Bytes that can only be read once and in order. Used for push streams. */
export interface SequentialSource {
  readonly kind: "sequential";
  /** Bytes in all, or null when that is not known. */
  readonly size: bigint | null;
  /**
   * The next bytes, or null at the end. Is not called again before the promise settled. The bytes belong to the stream from
   * then on: they are sent without being copied.
   */
  next(): Promise<Uint8Array | null>;
  /** Releases what the source holds. Is called exactly once, also after the end or an error; never throws. */
  close(): void;
}

/** Bytes that can be read anywhere and again. Used for push and pull streams. */
export interface RandomSource {
  readonly kind: "random";
  readonly size: bigint;
  /**
   * Fills the targets one after another with the bytes from `position` on and gives the number of bytes written, at once or
   * as a promise; fewer than asked means that the source ended early.
   */
  readAt(targets: readonly Uint8Array[], position: bigint): number | Promise<number>;
  /**
   * The bytes themselves, for sources that have them in memory: they are then sent without being copied and must not change
   * until the stream has ended.
   */
  viewAt?(position: bigint, bytes: number): Uint8Array;
  /** Releases what the source holds. Is called exactly once, never while a read is under way; never throws. */
  close(): void;
}

/** Where the bytes of an outgoing stream come from. */
export type StreamSource = SequentialSource | RandomSource;
