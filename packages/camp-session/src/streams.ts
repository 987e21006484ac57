import type { CampFrame } from "camp-protocol";
import { StreamSourceError } from "./errors.js";
import type { IncomingStream } from "./incoming-stream.js";
import { IncomingStreams, type IncomingWorld, type WaitForStreamOptions } from "./incoming-streams.js";
import { OutgoingStreams } from "./outgoing-streams.js";
import type { StreamSource } from "./source.js";
import type { OutgoingStreamOptions } from "./stream-sender.js";

/** The frames of the transaction namespace. */
export type StreamFrame = Extract<CampFrame, { readonly txId: number }>;

/** What the streams of a session need of it. */
export interface StreamsWorld extends IncomingWorld {
  acknowledge(number: number): void;
  /** Tells the peer what is wrong; the session goes on. */
  fault(text: string): void;
  /** A frame for a stream that is unknown or has ended: it may have crossed a cancel. */
  stray(): void;
}

/**
 * The transaction namespace of a session: streams in both directions and the frames that belong to them. Every ack-tracked one
 * is acknowledged, also when its stream is unknown, because deployed senders wait for it (rules 20).
 */
export class Streams {
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;
  readonly #world: StreamsWorld;

  constructor(world: StreamsWorld) {
    this.#outgoing = new OutgoingStreams(world);
    this.#incoming = new IncomingStreams(world);
    this.#world = world;
  }

  get open(): number {
    return this.#outgoing.open + this.#incoming.open;
  }

  stream(source: StreamSource, options: OutgoingStreamOptions): Promise<void> {
    return this.#outgoing.stream(source, options);
  }

  waitFor(name: string, options: WaitForStreamOptions): Promise<IncomingStream> {
    return this.#incoming.waitFor(name, options);
  }

  requestRange(stream: IncomingStream, start: bigint, end: bigint): Promise<void> {
    return this.#incoming.requestRange(stream, start, end);
  }

  /** Both ends have introduced themselves on a fresh connection. */
  connected(): void {
    this.#outgoing.connected();
  }

  /** The peer takes no streams. */
  refused(error: Error): void {
    this.#outgoing.fail(error);
  }

  /** The connection is gone, or the session has `ended`. */
  fail(error: Error, ended: boolean): void {
    this.#outgoing.fail(error);
    this.#incoming.fail(error, ended);
  }

  handle(frame: StreamFrame): void {
    switch (frame.type) {
      case "tx_chunk":
        this.#known(this.#incoming.chunk(frame.txId, frame.offset, frame.payload));
        return;
      case "tx_start":
        this.#incoming.start(frame);
        return;
      case "tx_finish":
        this.#known(this.#incoming.finish(frame.txId));
        break;
      case "tx_abort":
        this.#known(this.#incoming.abort(frame.txId, (label) => new StreamSourceError(label, frame.reason)));
        break;
      case "tx_fetch":
        this.#fetch(frame.txId, frame.start, frame.end);
        break;
      case "tx_cancel":
        this.#cancel(frame.txId);
        break;
    }
    this.#world.acknowledge(frame.ack);
  }

  #fetch(txId: number, start: bigint, end: bigint): void {
    const sender = this.#outgoing.get(txId);
    this.#known(sender !== undefined);
    const fault = sender?.fetch(start, end) ?? null;
    if (fault !== null) this.#world.fault(`TX_FETCH: stream ${txId} ${fault}`);
  }

  #cancel(txId: number): void {
    const sender = this.#outgoing.get(txId);
    this.#known(sender !== undefined);
    sender?.cancelled();
  }

  #known(known: boolean): void {
    if (!known) this.#world.stray();
  }
}
