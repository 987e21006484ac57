import { Readable } from "node:stream";
import { type CAMP_FLOW_BEHAVIOUR, progressOf, remainingBytesOf } from "camp-runtime";
import type { IncomingStream } from "camp-session";
import { asBuffer } from "./buffers.js";

/**
 * Bytes that wait here for the reader. The session already holds a window of its own, and what it grants the sender
 * depends on what was taken from it, so here it takes no more than one chunk to keep a reader busy.
 */
const readAheadBytes = 64 * 1024;

let reveal: (readable: CAMPReadable) => IncomingStream;

/**
 * A stream that the peer sends. Read it like any Readable: `for await`, `pipeline`, events. Reading is what makes the
 * bytes come: a push stream is granted credit, a pull stream is fetched from front to back unless
 * `StreamRequestRange` asks for ranges by hand. Chunks belong to the reader.
 *
 * A stream that fails while nobody listens raises nothing; the next reader gets the error (rules 6). `destroy()` before
 * the end cancels the stream at the peer.
 */
export class CAMPReadable extends Readable {
  readonly #incoming: IncomingStream;
  #wanted = false;
  #pushing = false;
  /** What `error` has told already, for listeners that come later. */
  #failure: Error | null = null;

  constructor(incoming: IncomingStream) {
    super({ highWaterMark: readAheadBytes });
    this.#incoming = incoming;
    incoming.onChange = () => this.#advance();
    this.on("error", (error) => {
      this.#failure = error;
    });
    this.on("newListener", (event: string | symbol, listener: (error: Error) => void) => {
      if (event === "error" && this.#failure !== null) process.nextTick(listener, this.#failure);
    });
    this.#advance();
  }

  /** Number of the stream among those of its sender. */
  get txId(): number {
    return this.#incoming.txId;
  }

  /** The name given by the sender, `anonymous` if it gave none. */
  get streamName(): string {
    return this.#incoming.name;
  }

  /** Bytes in all; null when the sender does not know. */
  get byteLength(): bigint | null {
    return this.#incoming.size;
  }

  get behaviour(): CAMP_FLOW_BEHAVIOUR {
    return this.#incoming.behaviour;
  }

  /** Bytes that arrived so far, read or not. */
  get receivedBytes(): bigint {
    return this.#incoming.receivedBytes;
  }

  /** Bytes that have not arrived yet; null when the sender does not know. */
  get remainingBytes(): bigint | null {
    return remainingBytesOf(this.#incoming);
  }

  /** Part of the stream that arrived, 0 to 1; null when the sender does not know its size. */
  get progress(): number | null {
    return progressOf(this.#incoming);
  }

  /** Asks the sender to stop. Readers fail with `StreamCancelledError`; after the end nothing happens. */
  cancel(reason = "the reader cancelled it"): void {
    this.#incoming.cancel(reason);
  }

  override _read(): void {
    this.#wanted = true;
    // What is pushed while a chunk waits would be joined to it in the very `read()` that asks for more: a copy.
    if (this.readableLength === 0) this.#advance();
    else process.nextTick(() => this.#advance());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#incoming.onChange = null;
    if (this.#incoming.state.at === "open") this.#incoming.cancel("its reader was destroyed");
    done(error);
  }

  #advance(): void {
    if (this.#pushing || this.destroyed) return;
    this.#pushing = true;
    while (this.#wanted && !this.destroyed) {
      const bytes = this.#incoming.take();
      if (bytes === null) break;
      this.#wanted = this.push(asBuffer(bytes));
    }
    this.#pushing = false;
    const { state } = this.#incoming;
    if (state.at === "failed") this.destroy(state.error);
    else if (state.at === "ended") this.push(null);
  }

  static {
    reveal = (readable) => readable.#incoming;
  }
}

/** The stream of the session behind a readable. */
export function incomingOf(readable: CAMPReadable): IncomingStream {
  return reveal(readable);
}
