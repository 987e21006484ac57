import type { CampFrame } from "camp-protocol";
import { StreamSourceError } from "./errors.js";
import type { IncomingStreams } from "./incoming-streams.js";
import type { OutgoingStreams } from "./outgoing-streams.js";

/** The frames of the transaction namespace. */
export type StreamFrame = Extract<CampFrame, { readonly txId: number }>;

/** What the answers to stream frames need. */
export interface StreamFramesWorld {
  acknowledge(number: number): void;
  /** Tells the peer what is wrong; the session goes on. */
  fault(text: string): void;
  /** A frame for a stream that is unknown or has ended: it may have crossed a cancel. */
  stray(): void;
}

/**
 * Hands the frames of the transaction namespace to the streams that they belong to. Every ack-tracked one is acknowledged, also
 * when its stream is unknown, because deployed senders wait for it (rules 20).
 */
export class StreamFrames {
  readonly #outgoing: OutgoingStreams;
  readonly #incoming: IncomingStreams;
  readonly #world: StreamFramesWorld;

  constructor(outgoing: OutgoingStreams, incoming: IncomingStreams, world: StreamFramesWorld) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#world = world;
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
