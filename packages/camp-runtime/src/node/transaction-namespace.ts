import type { EventEmitter } from "node:events";
import { TransactionNamespace as CommonTransactions, type EndSignal, type StreamWorld } from "camp-runtime";
import type { CampSession, IncomingStream } from "camp-session";
import { reportFailure } from "./emitter.js";
import { CAMPReadable, incomingOf } from "./readable.js";
import { type SourceInput, sourceOf } from "./sources.js";
import { spool } from "./spool.js";

/**
 * `session.transaction` on Node. Paths, Buffers and Blobs are read in place; anything else that is to be pulled is first
 * written to a temporary file of at most 1 GiB that no crash leaves behind. In the end a Readable is destroyed.
 */
export class TransactionNamespace extends CommonTransactions<SourceInput, CAMPReadable> {
  constructor(engine: CampSession, end: EndSignal, session: EventEmitter) {
    super(engine, end, new NodeStreams(session));
  }
}

/** Where streams come from on Node, and what reads them. */
class NodeStreams implements StreamWorld<SourceInput, CAMPReadable> {
  readonly #session: EventEmitter;

  constructor(session: EventEmitter) {
    this.#session = session;
  }

  sourceOf(...source: Parameters<typeof sourceOf>): ReturnType<typeof sourceOf> {
    return sourceOf(...source);
  }

  spool(...spooled: Parameters<typeof spool>): ReturnType<typeof spool> {
    return spool(...spooled);
  }

  createReader(incoming: IncomingStream): CAMPReadable {
    return new CAMPReadable(incoming);
  }

  incomingOf(reader: unknown): IncomingStream | null {
    return reader instanceof CAMPReadable ? incomingOf(reader) : null;
  }

  reportFailure(error: unknown): void {
    reportFailure(this.#session, error);
  }
}
