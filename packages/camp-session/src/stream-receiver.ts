import { ChunkBuffer } from "./chunk-buffer.js";
import { StreamCancelledError, StreamDataError, StreamIncompleteError } from "./errors.js";
import type { IncomingStream, StreamState } from "./incoming-stream.js";
import { emptyChunksMax } from "./limits.js";

/** What a receiver tells its owner. */
export interface ReceiverWorld {
  /** The reader took bytes. */
  taken(receiver: StreamReceiver): void;
  /** What was unread is gone. */
  discarded(receiver: StreamReceiver): void;
  /** The stream ended at this end's wish: the sender must hear of it. */
  cancel(receiver: StreamReceiver): void;
  /** No more frames of this stream are expected. */
  done(receiver: StreamReceiver): void;
}

/** Decides which bytes may come next and asks for more; push and pull differ here and nowhere else. */
export interface FlowControl {
  /** What is wrong with a chunk at this place, or null. */
  check(offset: bigint, bytes: number): string | null;
  /** The reader has taken this many bytes so far. */
  taken(takenBytes: bigint): void;
  /** What is wrong with an end now: a fault, or the ranges that never came. */
  finish(receivedBytes: bigint): string | ReadonlyArray<readonly [bigint, bigint]> | null;
}

/** What TX_START said. */
export interface StreamHead {
  readonly txId: number;
  readonly name: string;
  readonly size: bigint | null;
  readonly behaviour: "push" | "pull";
}

/** The receiving end of one stream: bytes that arrived and were not taken yet, and how it ended. */
export class StreamReceiver implements IncomingStream {
  readonly txId: number;
  readonly name: string;
  readonly size: bigint | null;
  readonly behaviour: "push" | "pull";
  onChange: (() => void) | null = null;
  /** Somebody holds the stream. */
  claimed = false;

  readonly flow: FlowControl;
  readonly #world: ReceiverWorld;
  readonly #unread = new ChunkBuffer();
  #receivedBytes = 0n;
  #takenBytes = 0n;
  #emptyChunks = 0;
  #finished = false;
  /** What the reader is told once it took all that arrived. */
  #incomplete: Error | null = null;
  #state: StreamState = { at: "open" };

  constructor(head: StreamHead, flow: FlowControl, world: ReceiverWorld) {
    this.txId = head.txId;
    this.name = head.name;
    this.size = head.size;
    this.behaviour = head.behaviour;
    this.flow = flow;
    this.#world = world;
  }

  get receivedBytes(): bigint {
    return this.#receivedBytes;
  }

  get unreadBytes(): number {
    return this.#unread.byteLength;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The sender has finished: nothing more will arrive, though bytes may still be unread. */
  get finished(): boolean {
    return this.#finished;
  }

  get label(): string {
    return `stream ${this.txId} "${this.name}"`;
  }

  take(): Uint8Array | null {
    if (this.#state.at !== "open") return null;
    const chunk = this.#unread.shift();
    if (chunk !== null) {
      this.#takenBytes += BigInt(chunk.byteLength);
      this.#world.taken(this);
    }
    if (!this.#finished) this.flow.taken(this.#takenBytes);
    this.#endWhenRead();
    return chunk;
  }

  cancel(reason: string): void {
    this.fail(new StreamCancelledError(this.label, reason));
  }

  /** A chunk arrived. The bytes stay with the stream. */
  chunk(offset: bigint, bytes: Uint8Array): void {
    this.#emptyChunks = bytes.byteLength === 0 ? this.#emptyChunks + 1 : 0;
    const fault =
      this.#emptyChunks > emptyChunksMax ? "its sender sends empty chunks" : this.flow.check(offset, bytes.byteLength);
    if (fault !== null) {
      this.fail(new StreamDataError(this.label, fault));
      return;
    }
    if (bytes.byteLength === 0) return;
    this.#receivedBytes += BigInt(bytes.byteLength);
    this.#unread.push(bytes);
    this.onChange?.();
  }

  /** The sender says that this was all. */
  finish(): void {
    const fault = this.flow.finish(this.#receivedBytes);
    if (typeof fault === "string") {
      this.fail(new StreamDataError(this.label, fault));
      return;
    }
    if (fault !== null) {
      this.#incomplete = new StreamIncompleteError(this.label, fault);
      this.#world.cancel(this);
    }
    this.#finished = true;
    this.#world.done(this);
    this.#endWhenRead();
    this.onChange?.();
  }

  /** This end gives the stream up and tells the sender, unless that has finished. */
  fail(error: Error): void {
    if (this.#state.at !== "open") return;
    if (!this.#finished) this.#world.cancel(this);
    this.end(error);
  }

  /** The stream fails without a word to the sender. What was not read is gone. */
  end(error: Error): void {
    if (this.#state.at !== "open") return;
    this.#state = { at: "failed", error };
    this.#discard();
    this.#world.done(this);
    this.onChange?.();
  }

  #discard(): void {
    this.#unread.clear();
    this.#world.discarded(this);
  }

  #endWhenRead(): void {
    if (!this.#finished || this.#unread.byteLength > 0 || this.#state.at !== "open") return;
    this.#state = this.#incomplete === null ? { at: "ended" } : { at: "failed", error: this.#incomplete };
  }
}
