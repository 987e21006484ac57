import type { FrameEncoder } from "camp-protocol";
import { type ChunkFeed, RandomFeed, SequentialFeed } from "./chunk-feed.js";
import { Deferred, onAbort } from "./deferred.js";
import { CampError, StreamCancelledError, StreamSourceError } from "./errors.js";
import { asError } from "./hook-chain.js";
import { coveredRangesMax, pendingFetchesMax, servedBytesMin, servedTimesSizeMax, unaskedBytes } from "./limits.js";
import { OutFrame, plainFrame, WatchedFrame } from "./out-frame.js";
import type { FrameSource } from "./outbox-events.js";
import { least, most, RangeSet } from "./ranges.js";
import type { StreamSource } from "./source.js";

/** How a stream is sent. */
export interface OutgoingStreamOptions {
  readonly name: string;
  /** Whether the sender sets the pace, or the reader asks for ranges. Pull needs a source that can be read anywhere. */
  readonly behaviour: "push" | "pull";
  /** Fires to give the stream up; its reader fails. */
  readonly signal?: AbortSignal;
  /** Called after each chunk was handed over. */
  readonly onProgress?: (sentBytes: bigint, size: bigint | null) => void;
}

/** What a sender needs of its session. */
export interface SenderWorld {
  readonly encoder: FrameEncoder;
  readonly allocate: ((bytes: number) => Uint8Array) | undefined;
  /** Whether both ends announced stream control. */
  readonly streamControl: boolean;
  control(frame: OutFrame): void;
  ready(sender: FrameSource): void;
  /** A frame whose ACK nobody waits for any more. */
  forget(frame: OutFrame): void;
  ended(sender: StreamSender): void;
  /** An exception of the application. */
  error(error: Error): void;
}

const allocateZeroed = (bytes: number): Uint8Array => new Uint8Array(bytes);
const everything = (1n << 64n) - 1n;

/**
 * The sending end of one stream: TX_START, chunks as far as the reader allows, TX_FINISH. It is asked for its next frame by the
 * outbox and says when it has one again. A push stream may send what it has credit for (rules 18) or, where the peer knows no
 * credit, everything once TX_START was acknowledged (rules 19); a pull stream sends what is fetched (rules 21).
 */
export class StreamSender implements FrameSource {
  readonly txId: number;
  readonly #source: StreamSource;
  readonly #options: OutgoingStreamOptions;
  readonly #world: SenderWorld;
  readonly #feed: ChunkFeed;
  readonly #deferred = new Deferred<void>();
  readonly #stopListening: () => void;
  readonly #covered = new RangeSet();
  #state: "starting" | "flowing" | "finishing" | "ended" = "starting";
  #watched: OutFrame | null = null;
  #startAcked = false;
  #credit = 0n;
  #sentBytes = 0n;
  #fetchedBytes = 0n;

  constructor(txId: number, source: StreamSource, options: OutgoingStreamOptions, world: SenderWorld) {
    this.txId = txId;
    this.#source = source;
    this.#options = options;
    this.#world = world;
    const reader = {
      allocate: world.allocate ?? allocateZeroed,
      ready: () => world.ready(this),
      failed: (error: Error) => this.#sourceFailed(error),
    };
    this.#feed = source.kind === "random" ? new RandomFeed(source, reader) : new SequentialFeed(source, reader);
    if (options.behaviour === "push" && source.kind === "random") (this.#feed as RandomFeed).ask(0n, source.size);
    this.#stopListening = onAbort(options.signal, () => this.#aborted());
  }

  get promise(): Promise<void> {
    return this.#deferred.promise;
  }

  nextFrame(): OutFrame | null {
    switch (this.#state) {
      case "starting":
        return this.#start();
      case "flowing":
        return this.#chunk() ?? this.#finish();
      default:
        return null;
    }
  }

  /** The peer asks for a range of a pull stream, or grants credit on a push stream. Returns what is wrong with it, or null. */
  fetch(start: bigint, end: bigint): string | null {
    if (this.#options.behaviour === "push") return this.#grant(end);
    const { size } = this.#source as { size: bigint };
    if (start === 0n && end === 0n && size === 0n) return null;
    if (start >= end || start >= size) return `asks for ${start}..${end} of ${size} bytes`;
    const feed = this.#feed as RandomFeed;
    const last = least(end, size);
    this.#covered.add(start, last);
    this.#fetchedBytes += last - start;
    feed.ask(start, last);
    const servedMax = most(size * servedTimesSizeMax, BigInt(servedBytesMin));
    const greedy =
      feed.pendingRanges > pendingFetchesMax ||
      this.#covered.pieces > coveredRangesMax ||
      this.#fetchedBytes > servedMax;
    if (!greedy) return null;
    this.abort("too many ranges were asked for");
    return "asked for too many ranges and is cancelled";
  }

  /** The reader does not want the rest. */
  cancelled(): void {
    this.end(new StreamCancelledError(this.#name, "the reader cancelled it"));
  }

  /** This end gives the stream up: the reader must not take what it has for the whole. */
  abort(reason: string, error: unknown = new StreamCancelledError(this.#name, reason)): void {
    if (this.#state === "ended") return;
    const { encoder, streamControl } = this.#world;
    if (this.#state !== "starting") {
      const frame = streamControl
        ? encoder.txAbort(this.txId, reason)
        : encoder.error(`stream ${this.txId} "${this.#options.name}" failed`);
      this.#world.control(new OutFrame(frame, true, "forget"));
    }
    this.end(error);
  }

  /** Settles the promise and releases the source. */
  end(error: unknown): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#stopListening();
    this.#feed.close();
    if (this.#watched !== null) this.#world.forget(this.#watched);
    this.#world.ended(this);
    if (error === null) this.#deferred.resolve();
    else this.#deferred.reject(error);
  }

  get #name(): string {
    return `stream ${this.txId} "${this.#options.name}"`;
  }

  #start(): OutFrame {
    const { encoder, streamControl } = this.#world;
    const { behaviour, name } = this.#options;
    this.#state = "flowing";
    if (behaviour === "push") this.#credit = streamControl ? BigInt(unaskedBytes) : 0n;
    else this.#credit = everything;
    if (this.#credit > 0n) this.#feed.allow(this.#credit);
    const frame = encoder.txStart(this.txId, this.#source.size ?? -1n, behaviour === "push" ? 0 : 1, name);
    return this.#watch(frame, () => this.#started());
  }

  #started(): void {
    this.#startAcked = true;
    if (this.#options.behaviour === "push" && !this.#world.streamControl) {
      this.#credit = everything;
      this.#feed.allow(this.#credit);
    }
    this.#world.ready(this);
  }

  #chunk(): OutFrame | null {
    const chunk = this.#feed.next();
    if (chunk === null) return null;
    this.#sentBytes += BigInt(chunk.bytes.byteLength);
    const { onProgress } = this.#options;
    if (onProgress !== undefined) this.#report(onProgress);
    return plainFrame(this.#world.encoder.txChunk(this.txId, chunk.offset, 0), chunk.bytes);
  }

  #report(onProgress: (sentBytes: bigint, size: bigint | null) => void): void {
    try {
      onProgress(this.#sentBytes, this.#source.size);
    } catch (error) {
      this.#world.error(asError(error));
    }
  }

  #finish(): OutFrame | null {
    if (!this.#startAcked || !this.#feed.finished) return null;
    const { size } = this.#source;
    if (this.#options.behaviour === "pull" && this.#covered.holes(size!).length > 0) return null;
    this.#state = "finishing";
    return this.#watch(this.#world.encoder.txFinish(this.txId), () => this.end(null));
  }

  #watch(bytes: Uint8Array, acked: () => void): OutFrame {
    const frame = new WatchedFrame(bytes, (error) => {
      this.#watched = null;
      if (error === null && this.#state !== "ended") acked();
    });
    this.#watched = frame;
    return frame;
  }

  #grant(end: bigint): string | null {
    if (!this.#world.streamControl) return "is a push stream, which cannot be fetched";
    if (end > this.#credit) {
      this.#credit = end;
      this.#feed.allow(end);
      this.#world.ready(this);
    }
    return null;
  }

  #aborted(): void {
    const reason = this.#options.signal?.reason ?? new CampError("ABORTED", `${this.#name} was aborted`);
    this.abort("aborted", reason);
  }

  #sourceFailed(cause: Error): void {
    this.abort(cause.message, new StreamSourceError(this.#name, cause.message, { cause }));
  }
}
