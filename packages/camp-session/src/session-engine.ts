import type { TokenState } from "camp-protocol";
import type { MessageKind, Payload } from "./hooks.js";
import type { MessageLink } from "./message-link.js";
import type { SessionStats } from "./stats.js";
import type { SessionInputs, Transport } from "./transport.js";

/** How far a peer and the backlog to it have come. Whoever sees none of the three move may doubt that the peer lives. */
export interface AliveMarks {
  readonly receivedBytes: number;
  readonly flushedBytes: number;
  readonly bufferedBytes: number;
}

/** What one end of a session can do in any dialect: what the runtime and the faces ask of it and tell it. */
export interface SessionEngine<Id extends bigint | string = bigint | string> extends SessionInputs {
  readonly id: Id;
  readonly state: MessageLink["state"];
  readonly stats: SessionStats;
  /** Whether a message sent now leaves at once; the event `drain` tells when it is so again. */
  readonly canSend: boolean;
  /** Bytes kept in memory for the peer, for whoever must find out which session to end (rules 26). */
  readonly heldBytes: number;
  /** Messages sent and received so far, for whoever must find out whether the session is used. */
  readonly messageCount: number;
  /** For whoever must find out whether the peer lives (rules 2). */
  readonly aliveMarks: AliveMarks;
  /** Resolves when sending does not have to wait any more. */
  drained(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Sends a message. Resolves to true once the peer acknowledged it and to false when a hook kept it back. Bytes are copied
   * before this returns. Rejects with DroppedError, AckTimeoutError, SessionClosedError or PayloadTooLargeError.
   */
  send(kind: MessageKind, payload: Payload, options?: { readonly key?: string }): Promise<boolean>;
  /** Resolves to the round-trip time in milliseconds. */
  ping(): Promise<number>;
  /** Sends a PING whose answer nobody waits for. */
  probe(): void;
  /**
   * Stops reading from the peer until `readOn`, so that it has to wait; heartbeat and ack clocks stand still meanwhile. False where
   * the platform cannot. A session that closes reads on by itself.
   */
  holdReading(): boolean;
  readOn(): void;
  /** Tells the client of its token, in a dialect that has words for it; false if the peer has none. */
  tellToken?(state: TokenState, remainingMs: number): boolean;
  /** Ends gracefully (rules 16); resolves once `closed` fired. */
  close(reason: string, code?: number): Promise<void>;
  /** Ends at once with a close code, without a word of goodbye. */
  fail(code: number, reason: string): void;
  /** Ends a connection that shows no sign of life, and the session with it unless its peer can come back to it. */
  cutOff(reason: string): void;
  /** Cuts the connection and ends. */
  destroy(): void;
  /** A fresh connection, the first or a later one: this end introduces itself at once. */
  attach(transport: Transport): void;
  /** Nobody tries to connect again. */
  abandon(code: number, reason: string): void;
}
