import { type ResumeFrame, TOKEN_ENDLESS, type TokenState } from "camp-protocol";
import { CampDialect, type CampSessionConfig, noStreams } from "./camp-dialect.js";
import { rejected } from "./deferred.js";
import type { MessageKind, Payload } from "./hooks.js";
import type { IncomingStream } from "./incoming-stream.js";
import type { WaitForStreamOptions } from "./incoming-streams.js";
import type { MessageLink } from "./message-link.js";
import type { ReturnVerdict } from "./resumption.js";
import type { AliveMarks, SessionEngine } from "./session-engine.js";
import type { StreamSource } from "./source.js";
import type { SessionStats } from "./stats.js";
import type { OutgoingStreamOptions } from "./stream-sender.js";
import type { Transport } from "./transport.js";

/**
 * One end of a CAMP v1 session: messages, acknowledgements, heartbeat and streams over whatever transport it is attached to. It
 * performs no I/O and reads no clock of its own; it is driven by `SessionInputs` (camp-v1.md, rules.md).
 */
export class CampSession implements SessionEngine<bigint> {
  readonly id: bigint;
  readonly #dialect: CampDialect;
  readonly #link: MessageLink;

  constructor(config: CampSessionConfig) {
    this.id = config.id;
    this.#dialect = new CampDialect(config);
    this.#link = this.#dialect.link;
  }

  // ---- what the application asks

  get state(): MessageLink["state"] {
    return this.#link.state;
  }

  get stats(): SessionStats {
    return this.#link.stats;
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
   * Sends a message. Resolves to true once the peer acknowledged it and to false when a hook kept it back. Bytes are copied
   * before this returns. Rejects with DroppedError, AckTimeoutError, SessionClosedError or PayloadTooLargeError.
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

  /** Sends a stream. Resolves once the peer acknowledged its end. */
  stream(source: StreamSource, options: OutgoingStreamOptions): Promise<void> {
    if (!this.#link.accepting) {
      source.close();
      return rejected(this.#link.closedError);
    }
    const { heard, streamsAgreed } = this.#dialect.introduction;
    if (heard && !streamsAgreed) {
      source.close();
      return rejected(noStreams());
    }
    return this.#dialect.streams.stream(source, options);
  }

  /** Resolves to the next stream of this name, also one that began before the call. */
  waitForStream(name: string, options: WaitForStreamOptions = {}): Promise<IncomingStream> {
    return this.#link.accepting ? this.#dialect.streams.waitFor(name, options) : rejected(this.#link.closedError);
  }

  /** Asks for the bytes [start, end) of a pull stream; resolves once the peer acknowledged that. */
  requestRange(stream: IncomingStream, start: bigint, end: bigint): Promise<void> {
    return this.#dialect.streams.requestRange(stream, start, end);
  }

  holdReading(): boolean {
    return this.#link.gate.hold("owner");
  }

  readOn(): void {
    this.#link.gate.release("owner");
  }

  /** Offers the server a new token for this session; false if it does not know what that is. `tokenState` tells what came of it. */
  offerToken(token: string): boolean {
    return this.#dialect.sayOfToken((encoder) => encoder.token(token));
  }

  /** Tells the client of its token: what became of the last one, or that it ends soon. Infinity for one that does not end. */
  tellToken(state: TokenState, remainingMs: number): boolean {
    const remaining =
      remainingMs === Number.POSITIVE_INFINITY ? TOKEN_ENDLESS : BigInt(Math.max(0, Math.round(remainingMs)));
    return this.#dialect.sayOfToken((encoder) => encoder.tokenState(state, remaining));
  }

  /** Ends gracefully (rules 16); resolves once `closed` fired. */
  close(reason: string, code?: number): Promise<void> {
    return this.#link.close(reason, code);
  }

  /** Ends at once with a close code, without a word of goodbye. */
  fail(code: number, reason: string): void {
    this.#link.fail(code, reason);
  }

  /** Cuts the connection and ends. */
  destroy(): void {
    this.#link.destroy();
  }

  /** The peer shows no sign of life: ends the connection, and with it the session unless that can be resumed. */
  cutOff(reason: string): void {
    this.#link.cutOff(reason);
  }

  // ---- what the runtime tells

  /** A fresh connection, the first or a later one. ENDPOINT_INFO leaves at once. */
  attach(transport: Transport): void {
    if (!this.#dialect.resumable) this.#dialect.introduction.begin();
    this.#link.attach(transport);
  }

  /** Somebody who wants to be this session's client comes on this connection. Only who has its secret gets it. */
  returned(transport: Transport, frame: ResumeFrame): ReturnVerdict {
    const verdict = this.#dialect.resumption?.returned(transport, frame) ?? "foreign";
    if (verdict === "resumed") this.#dialect.releaseStreams();
    return verdict;
  }

  /** Nobody tries to connect again. */
  abandon(code: number, reason: string): void {
    this.#link.abandon(code, reason);
  }

  received(bytes: Uint8Array): void {
    this.#link.received(bytes);
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
    this.#link.closed(code, reason);
  }
}
