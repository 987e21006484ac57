import type { EventEmitter } from "node:events";
import { TransactionNamespace as CommonTransactions, type EndSignal } from "camp-runtime";
import type { CampSession } from "camp-session";
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
    super(engine, end, {
      sourceOf,
      spool,
      createReader: (incoming) => new CAMPReadable(incoming),
      incomingOf: (reader) => (reader instanceof CAMPReadable ? incomingOf(reader) : null),
      reportFailure: (error) => reportFailure(session, error),
    });
  }
}
