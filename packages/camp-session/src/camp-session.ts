import {
  CAMP_MAX_PAYLOAD,
  CAMP_VERSION,
  type CampFrame,
  CampProtocolError,
  decode,
  type EndpointInfoFrame,
  expectFrames,
  Feature,
  FrameEncoder,
  type FrameExpectation,
  stampAck,
} from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import { rejected } from "./deferred.js";
import { CampError, PayloadTooLargeError, VersionMismatchError } from "./errors.js";
import type { MessageKind, Payload } from "./hooks.js";
import type { IncomingStream } from "./incoming-stream.js";
import type { WaitForStreamOptions } from "./incoming-streams.js";
import type { LinkConfig, LinkDialect } from "./link-config.js";
import { MessageLink } from "./message-link.js";
import { OutFrame, plainFrame, WatchedFrame } from "./out-frame.js";
import type { AliveMarks, SessionEngine } from "./session-engine.js";
import type { StreamSource } from "./source.js";
import type { SessionStats } from "./stats.js";
import type { OutgoingStreamOptions } from "./stream-sender.js";
import { type StreamFrame, Streams } from "./streams.js";
import type { Transport } from "./transport.js";
import { UnknownFrames } from "./unknown-frames.js";

/** What a CAMP session is made of. */
export interface CampSessionConfig extends LinkConfig {
  readonly id: bigint;
  /** Memory for the chunks of outgoing streams; need not be zeroed. */
  readonly allocate?: (bytes: number) => Uint8Array;
}

const ownFeatures = Feature.transactions | Feature.streamControl;

/**
 * One end of a CAMP v1 session: messages, acknowledgements, heartbeat and streams over whatever transport it is attached to. It
 * performs no I/O and reads no clock of its own; it is driven by `SessionInputs` (camp-v1.md, rules.md).
 */
export class CampSession implements SessionEngine<bigint>, LinkDialect {
  readonly id: bigint;
  readonly #config: CampSessionConfig;
  readonly #encoder: FrameEncoder;
  readonly #expected: FrameExpectation;
  readonly #link: MessageLink;
  /** Made for the first frame of an unknown type. */
  #unknown: UnknownFrames | null = null;
  /** Made for the first stream: most sessions never have one. */
  #madeStreams: Streams | null = null;
  /** What the peer announced on this connection. */
  #peerFeatures: bigint | null = null;
  /** Whether the peer acknowledged ours. */
  #introduced = false;

  constructor(config: CampSessionConfig) {
    this.id = config.id;
    this.#config = config;
    this.#encoder = new FrameEncoder(config.id);
    this.#expected = expectFrames(config.id);
    this.#link = new MessageLink(config, this);
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
    if (this.#peerFeatures !== null && !this.#streamsAgreed) {
      source.close();
      return rejected(noStreams());
    }
    return this.#streams.stream(source, options);
  }

  /** Resolves to the next stream of this name, also one that began before the call. */
  waitForStream(name: string, options: WaitForStreamOptions = {}): Promise<IncomingStream> {
    return this.#link.accepting ? this.#streams.waitFor(name, options) : rejected(this.#link.closedError);
  }

  /** Asks for the bytes [start, end) of a pull stream; resolves once the peer acknowledged that. */
  requestRange(stream: IncomingStream, start: bigint, end: bigint): Promise<void> {
    return this.#streams.requestRange(stream, start, end);
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

  // ---- what the runtime tells

  /** A fresh connection, the first or a later one. ENDPOINT_INFO leaves at once. */
  attach(transport: Transport): void {
    this.#peerFeatures = null;
    this.#introduced = false;
    this.#expected.streamControl = false;
    this.#link.attach(transport);
  }

  /** Nobody tries to connect again. */
  abandon(code: number, reason: string): void {
    this.#link.abandon(code, reason);
  }

  received(bytes: Uint8Array): void {
    this.#link.received(bytes);
  }

  receivedText(): void {
    this.#link.violate(CloseCode.clientError, "text message: CAMP frames are binary");
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

  // ---- what the link asks of the dialect

  encode(kind: MessageKind, payload: Payload): Uint8Array {
    try {
      if (kind === "binary") return this.#encoder.binary(payload as Uint8Array);
      return kind === "utf8" ? this.#encoder.utf8(payload as string) : this.#encoder.error(payload as string);
    } catch (error) {
      if (!(error instanceof CampProtocolError)) throw error;
      const bytes = typeof payload === "string" ? new TextEncoder().encode(payload).byteLength : payload.byteLength;
      throw new PayloadTooLargeError(bytes, CAMP_MAX_PAYLOAD, "use Stream() for large data");
    }
  }

  stamp(frame: Uint8Array, number: number): void {
    stampAck(frame, number);
  }

  acknowledges(): boolean {
    return true;
  }

  ack(number: number): OutFrame {
    return plainFrame(this.#encoder.ack(number));
  }

  pingFrame(): OutFrame {
    return plainFrame(this.#encoder.ping());
  }

  fault(text: string): OutFrame {
    return new OutFrame(this.#encoder.error(text), true, "forget");
  }

  bye(reason: string, settled: () => void): OutFrame {
    return new WatchedFrame(this.#encoder.bye(reason), (error) => error === null && settled());
  }

  get openStreams(): number {
    return this.#madeStreams?.open ?? 0;
  }

  failStreams(error: Error, ended: boolean): void {
    this.#madeStreams?.fail(error, ended);
  }

  #acknowledge(number: number): void {
    this.#link.control(this.ack(number));
  }

  greet(): void {
    this.#link.startBeats();
    const info = this.#encoder.endpointInfo(CAMP_VERSION, ownFeatures);
    this.#link.control(
      new WatchedFrame(info, (error) => {
        if (error !== null) return;
        this.#introduced = true;
        this.#releaseStreams();
      }),
    );
  }

  late(): void {
    const { handshakeTimeoutMs } = this.#config.settings;
    const fault = `the peer did not introduce itself within ${handshakeTimeoutMs} ms`;
    this.#link.violate(CloseCode.clientError, fault);
  }

  receive(bytes: Uint8Array): void {
    let frame: CampFrame;
    try {
      frame = decode(bytes, this.#expected);
    } catch (error) {
      if (!(error instanceof CampProtocolError)) throw error;
      this.#refuse(error);
      return;
    }
    this.#handle(frame);
  }

  #refuse(error: CampProtocolError): void {
    this.#unknown ??= new UnknownFrames(this.#link.timers);
    if (error.code !== "UNKNOWN_TYPE" || this.#unknown.tooMany()) {
      this.#link.violate(CloseCode.clientError, error.message);
      return;
    }
    this.#link.control(this.fault(error.message));
  }

  #handle(frame: CampFrame): void {
    switch (frame.type) {
      case "ack":
        if (!this.#link.messaging.acknowledged(frame.ack)) this.#link.traffic.strayAcks++;
        return;
      case "utf8data":
        this.#link.messaging.arrived("utf8", frame.payload, frame.ack);
        return;
      case "binarydata":
        this.#link.messaging.arrived("binary", frame.payload, frame.ack);
        return;
      case "error":
        if (frame.replaced) this.#link.traffic.replacedTexts++;
        this.#link.messaging.arrived("error", frame.payload, frame.ack);
        return;
      case "bye":
        if (frame.replaced) this.#link.traffic.replacedTexts++;
        this.#link.messaging.arrived("bye", frame.reason, frame.ack);
        return;
      case "ping_pong":
        this.#pingPong(frame.payload);
        return;
      case "endpoint_info":
        this.#peerIntroduced(frame);
        return;
      default:
        this.#streamFrame(frame);
    }
  }

  #pingPong(payload: "ping" | "pong"): void {
    if (payload === "pong") this.#link.pings.ponged();
    else if (this.#link.pings.mayAnswer()) this.#link.control(plainFrame(this.#encoder.pong()));
    else this.#link.traffic.unansweredPings++;
  }

  /** Section 4 and rules 12: the version is looked at first, a second introduction must equal the first. */
  #peerIntroduced(info: EndpointInfoFrame): void {
    const known = this.#peerFeatures;
    if (info.version !== CAMP_VERSION) {
      this.#refuseVersion(info);
      return;
    }
    if (known !== null && known !== info.features) {
      this.#link.violate(CloseCode.clientError, "a second ENDPOINT_INFO differs from the first");
      return;
    }
    this.#acknowledge(info.ack);
    if (known !== null) return;
    this.#peerFeatures = info.features;
    this.#expected.streamControl = (info.features & Feature.streamControl) !== 0n;
    if (!this.#streamsAgreed) this.#madeStreams?.refused(noStreams());
    this.#link.establish();
    this.#releaseStreams();
  }

  #refuseVersion(info: EndpointInfoFrame): void {
    const error = new VersionMismatchError(info.version, CAMP_VERSION);
    if (this.#config.role === "server") {
      this.#link.violate(CloseCode.clientError, error.message);
      return;
    }
    this.#acknowledge(info.ack);
    this.#link.leave(error.message);
    this.#config.events.error(error);
  }

  /** No stream frame leaves before the peer's ENDPOINT_INFO was accepted and ours acknowledged. */
  #releaseStreams(): void {
    if (!this.#streamsMayLeave) return;
    this.#link.messaging.outbox.release("streams");
    this.#madeStreams?.connected();
  }

  get #streamsMayLeave(): boolean {
    return this.#introduced && this.#link.open && this.#streamsAgreed;
  }

  get #streams(): Streams {
    this.#madeStreams ??= this.#makeStreams();
    return this.#madeStreams;
  }

  #makeStreams(): Streams {
    const link = this.#link;
    const { allocate, events, settings } = this.#config;
    const streams = new Streams({
      ...{ encoder: this.#encoder, allocate, outbox: link.messaging.outbox, timers: link.timers, gate: link.gate },
      streamStallTimeoutMs: settings.streamStallTimeoutMs,
      streamControl: () => this.#expected.streamControl,
      forget: (frame) => link.messaging.forget(frame),
      error: (error) => events.error(error),
      violate: (code, fault) => link.violate(code, fault),
      waiting: (name, size) => events.streamWaiting?.(name, size),
      unclaimed: (name, txId) => events.streamUnclaimed(name, txId),
      acknowledge: (number) => this.#acknowledge(number),
      fault: (text) => link.control(this.fault(text)),
      stray: () => link.traffic.strayFrames++,
    });
    if (this.#streamsMayLeave) streams.connected();
    return streams;
  }

  get #streamsAgreed(): boolean {
    return this.#peerFeatures !== null && (this.#peerFeatures & Feature.transactions) !== 0n;
  }

  #streamFrame(frame: StreamFrame): void {
    if (this.#streamsAgreed) this.#streams.handle(frame);
    else {
      const fault =
        this.#peerFeatures === null ? "came before ENDPOINT_INFO" : "but no transactions were announced by both ends";
      this.#link.violate(CloseCode.serverError, `${frame.type} ${fault}`);
    }
  }
}

function noStreams(): CampError {
  return new CampError("NO_STREAMS", "the peer did not announce transactions; it takes no streams");
}
