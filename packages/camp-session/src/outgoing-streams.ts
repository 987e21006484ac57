import type { FrameEncoder } from "camp-protocol";
import { Deferred, onAbort, rejected } from "./deferred.js";
import type { OutFrame } from "./out-frame.js";
import type { Outbox } from "./outbox.js";
import type { StreamSource } from "./source.js";
import { type OutgoingStreamOptions, type SenderWorld, StreamSender } from "./stream-sender.js";

/** What outgoing streams need of their session. */
export interface OutgoingWorld {
  readonly encoder: FrameEncoder;
  readonly allocate: ((bytes: number) => Uint8Array) | undefined;
  readonly outbox: Outbox;
  /** Open at a time. */
  readonly maxStreams: number;
  readonly streamControl: () => boolean;
  forget(frame: OutFrame): void;
  error(error: Error): void;
}

interface Waiting {
  readonly source: StreamSource;
  readonly options: OutgoingStreamOptions;
  readonly started: Deferred<void>;
  stopListening(): void;
}

/** The streams that this end sends: numbered from 0 on each connection, a bounded number of them open at once. */
export class OutgoingStreams {
  readonly #world: OutgoingWorld;
  #senders = new Map<number, StreamSender>();
  #waiting: Waiting[] = [];
  #next = 0;
  #ready = false;

  constructor(world: OutgoingWorld) {
    this.#world = world;
  }

  get open(): number {
    return this.#senders.size;
  }

  /** Settles when the peer acknowledged the end of the stream. */
  stream(source: StreamSource, options: OutgoingStreamOptions): Promise<void> {
    const { signal } = options;
    try {
      this.#check(source, options);
    } catch (error) {
      source.close();
      return rejected(error);
    }
    const waiting: Waiting = {
      ...{ source, options, started: new Deferred() },
      stopListening: onAbort(signal, () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        source.close();
        waiting.started.reject(signal?.reason);
      }),
    };
    this.#waiting.push(waiting);
    this.#startWaiting();
    return waiting.started.promise;
  }

  /** Both ends have introduced themselves on a fresh connection, or the session goes on with a new one. */
  connected(): void {
    if (!this.#ready) this.#next = 0;
    this.#ready = true;
    this.#startWaiting();
  }

  get(txId: number): StreamSender | undefined {
    return this.#senders.get(txId);
  }

  /** All streams, and those that wait for their turn, end with this error. */
  fail(error: Error): void {
    this.#ready = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { source, started, stopListening } of waiting) {
      stopListening();
      source.close();
      started.reject(error);
    }
    for (const sender of [...this.#senders.values()]) sender.end(error);
  }

  /** Throws what is wrong with a stream before it takes a place: its TX_START is made once to see that it can be. */
  #check(source: StreamSource, { name, behaviour, signal }: OutgoingStreamOptions): void {
    if (signal?.aborted) throw signal.reason;
    if (behaviour === "pull" && source.kind !== "random") throw new TypeError("a pull stream needs a random source");
    this.#world.encoder.txStart(0, source.size ?? -1n, behaviour === "push" ? 0 : 1, name);
  }

  #startWaiting(): void {
    while (this.#ready && this.#senders.size < this.#world.maxStreams) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      this.#start(waiting);
    }
  }

  #start({ source, options, started, stopListening }: Waiting): void {
    stopListening();
    const txId = this.#freeNumber();
    const { outbox, encoder, allocate, forget, error, streamControl } = this.#world;
    const senderWorld: SenderWorld = {
      encoder,
      allocate,
      streamControl: streamControl(),
      control: (frame) => outbox.control(frame),
      ready: (sender) => outbox.streamReady(sender),
      forget,
      ended: (sender) => this.#ended(sender),
      error,
    };
    const sender = new StreamSender(txId, source, options, senderWorld);
    this.#senders.set(txId, sender);
    sender.promise.then(
      () => started.resolve(),
      (reason) => started.reject(reason),
    );
    outbox.streamReady(sender);
  }

  #freeNumber(): number {
    while (this.#senders.has(this.#next)) this.#next = (this.#next + 1) >>> 0;
    const txId = this.#next;
    this.#next = (txId + 1) >>> 0;
    return txId;
  }

  #ended(sender: StreamSender): void {
    this.#world.outbox.streamGone(sender);
    this.#senders.delete(sender.txId);
    this.#startWaiting();
  }
}
