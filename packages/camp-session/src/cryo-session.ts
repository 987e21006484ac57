import { CryoDialect, type CryoSessionConfig } from "./cryo-dialect.js";
import type { MessageKind, Payload } from "./hooks.js";
import type { MessageLink } from "./message-link.js";
import type { AliveMarks, SessionEngine } from "./session-engine.js";
import type { SessionStats } from "./stats.js";
import type { Transport } from "./transport.js";

/** What a Cryo session did so far. */
export interface CryoSessionStats extends SessionStats {
  /** Records that were dropped because their counter was older than the window. */
  readonly oldRecords: number;
}

/**
 * One end of a Cryo v1 session, in the clear or encrypted: messages, acknowledgements and heartbeat over whatever transport it
 * is attached to. It performs no I/O and reads no clock of its own; it is driven by `SessionInputs` (cryo-v1.md, rules.md).
 */
export class CryoSession implements SessionEngine<string> {
  /** In lower case. */
  readonly id: string;
  readonly #dialect: CryoDialect;
  readonly #link: MessageLink;

  /** @throws RangeError if the id is no UUID in its usual text form. */
  constructor(config: CryoSessionConfig) {
    this.#dialect = new CryoDialect(config);
    this.#link = this.#dialect.link;
    this.id = this.#dialect.id;
  }

  // ---- what the application asks

  get state(): MessageLink["state"] {
    return this.#link.state;
  }

  get stats(): CryoSessionStats {
    return { ...this.#link.stats, oldRecords: this.#dialect.oldRecords };
  }

  /** Whether everything on the current connection is encrypted. */
  get secure(): boolean {
    return this.#dialect.channelBinding !== null;
  }

  /**
   * 32 bytes that are the same on both ends of this connection unless somebody stands between them; null while the session is
   * not secure. For protocols above that compare them over a channel they trust.
   */
  get channelBinding(): Uint8Array | null {
    const { channelBinding } = this.#dialect;
    return channelBinding === null ? null : new Uint8Array(channelBinding);
  }

  /** Whether a message sent now leaves at once; `drain` tells when it is so again. */
  get canSend(): boolean {
    return this.#link.canSend;
  }

  /** Bytes kept in memory for the peer, for whoever must find out which session to end (rules 26). */
  get heldBytes(): number {
    return this.#link.messaging.outbox.heldBytes;
  }

  /** How far the peer and our backlog to it have come, for whoever must find out whether it lives (rules 2). */
  get aliveMarks(): AliveMarks {
    return this.#link.aliveMarks;
  }

  get messageCount(): number {
    return this.#link.traffic.messages;
  }

  /** Resolves when sending does not have to wait any more. */
  drained(options: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#link.drained(options.signal);
  }

  /**
   * Sends a message. Resolves to true once the peer acknowledged it, an "error" once it was handed over, and to false when a
   * hook kept it back. Bytes are copied before this returns. Rejects with DroppedError, AckTimeoutError, SessionClosedError or
   * PayloadTooLargeError.
   */
  send(kind: MessageKind, payload: Payload, options?: { readonly key?: string }): Promise<boolean> {
    return this.#link.send(kind, payload, options?.key);
  }

  /** Resolves to the round-trip time in milliseconds. */
  ping(): Promise<number> {
    return this.#link.ping();
  }

  /** Sends a PING whose answer nobody waits for. */
  probe(): void {
    this.#link.probe();
  }

  holdReading(): boolean {
    return this.#link.gate.hold("owner");
  }

  readOn(): void {
    this.#link.gate.release("owner");
  }

  /** Ends gracefully (rules 16); resolves once `closed` fired. */
  close(reason: string, code?: number): Promise<void> {
    return this.#link.close(reason, code);
  }

  /** Ends at once with a close code. */
  fail(code: number, reason: string): void {
    this.#link.fail(code, reason);
  }

  /** The peer shows no sign of life: ends the connection. */
  cutOff(reason: string): void {
    this.#link.cutOff(reason);
  }

  /** Cuts the connection and ends. */
  destroy(): void {
    this.#link.destroy();
  }

  // ---- what the runtime tells

  /** A fresh connection, the first or a later one. Without CALE the session is open when this returns. */
  attach(transport: Transport): void {
    this.#dialect.attach(transport);
  }

  /** Nobody tries to connect again. */
  abandon(code: number, reason: string): void {
    this.#link.abandon(code, reason);
  }

  received(bytes: Uint8Array): void {
    this.#dialect.received(bytes);
  }

  receivedText(): void {
    this.#dialect.receivedText();
  }

  writable(): void {
    this.#link.writable();
  }

  tick(): void {
    this.#link.timers.tick();
  }

  closed(code: number, reason: string): void {
    this.#dialect.closed(code, reason);
  }
}
