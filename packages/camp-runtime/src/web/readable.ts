import { type CAMP_FLOW_BEHAVIOUR, progressOf, remainingBytesOf } from "camp-runtime";
import type { IncomingStream } from "camp-session";

let reveal: (readable: CAMPReadable) => IncomingStream;

/**
 * A stream that the peer sends: a ReadableStream of bytes. Read it with `for await`, `pipeTo`, a reader, or `new Response`.
 * Reading is what makes the bytes come: a push stream is granted credit, a pull stream is fetched from front to back unless
 * `StreamRequestRange` asks for ranges by hand. Chunks belong to the reader. `cancel(reason)` asks the sender to stop.
 */
export class CAMPReadable extends ReadableStream<Uint8Array> {
  readonly #incoming: IncomingStream;

  constructor(incoming: IncomingStream) {
    // Nothing is read ahead: the session holds a window of its own, and what it grants depends on what was taken.
    super(new IncomingBytes(incoming), { highWaterMark: 0 });
    this.#incoming = incoming;
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

  /** Also in browsers whose own streams cannot be iterated. Leaving the loop early cancels the stream. */
  override async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    const reader = this.getReader();
    let over = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        yield value;
      }
      over = true;
    } catch (error) {
      over = true;
      throw error;
    } finally {
      if (!over) await reader.cancel("its reader left");
      reader.releaseLock();
    }
  }

  static {
    reveal = (readable) => readable.#incoming;
  }
}

/** The stream of the session behind a readable; null for anything else. */
export function incomingOf(readable: unknown): IncomingStream | null {
  return readable instanceof CAMPReadable ? reveal(readable) : null;
}

/** Takes the bytes of a stream when they are wanted. */
class IncomingBytes implements UnderlyingDefaultSource<Uint8Array> {
  readonly #incoming: IncomingStream;
  #wanted: (() => void) | null = null;

  constructor(incoming: IncomingStream) {
    this.#incoming = incoming;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#incoming.onChange = () => this.#advance(controller);
    this.#advance(controller);
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = resolve;
      this.#advance(controller);
    });
  }

  cancel(reason: unknown): void {
    this.#incoming.onChange = null;
    this.#incoming.cancel(typeof reason === "string" ? reason : "the reader cancelled it");
  }

  #advance(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const incoming = this.#incoming;
    const bytes = this.#wanted === null ? null : incoming.take();
    if (bytes !== null) controller.enqueue(bytes);
    const { state } = incoming;
    if (state.at !== "open") incoming.onChange = null;
    if (state.at === "ended") controller.close();
    else if (state.at === "failed") controller.error(state.error);
    if (bytes === null && state.at === "open") return;
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.();
  }
}
