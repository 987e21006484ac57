import {
  CAMP_MAX_PAYLOAD,
  type CampFrame,
  CampProtocolError,
  decode,
  expectFrames,
  FrameEncoder,
  type FrameExpectation,
  stampAck,
} from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import { Comeback } from "./comeback.js";
import { CampError, ResumeFailedError } from "./errors.js";
import type { MessageKind, Payload } from "./hooks.js";
import { Introduction } from "./introduction.js";
import type { FrameParts } from "./join.js";
import type { LinkConfig, LinkDialect } from "./link-config.js";
import { messageFrame, payloadTooLarge } from "./message-frame.js";
import { MessageLink } from "./message-link.js";
import { OutFrame, passing, plainFrame, WatchedFrame } from "./out-frame.js";
import { type ResumeConfig, Resumption } from "./resumption.js";
import { type StreamFrame, Streams } from "./streams.js";
import { UnknownFrames } from "./unknown-frames.js";

/** What a CAMP session is made of. */
export interface CampSessionConfig extends LinkConfig {
  readonly id: bigint;
  /** Memory for the chunks of outgoing streams; need not be zeroed. */
  readonly allocate?: (bytes: number) => Uint8Array;
  /** Whether and how the session outlives its connection, with peers that can do it too. */
  readonly resume?: ResumeConfig | undefined;
}

/** CAMP v1 as one end of a session speaks it: its handshake, its frames and streams, and the way back after a cut. */
export class CampDialect implements LinkDialect {
  readonly link: MessageLink;
  readonly introduction: Introduction;
  readonly resumption: Resumption | null;
  readonly #config: CampSessionConfig;
  readonly encoder: FrameEncoder;
  readonly expected: FrameExpectation;
  /** Made for the first frame of an unknown type. */
  #unknown: UnknownFrames | null = null;
  /** Made for the first stream: most sessions never have one. */
  #madeStreams: Streams | null = null;
  /** While a client finds out whether the server still has the session. */
  #comeback: Comeback | null = null;

  constructor(config: CampSessionConfig) {
    this.#config = config;
    this.encoder = new FrameEncoder(config.id);
    this.expected = expectFrames(config.id);
    const link = new MessageLink(config, this);
    const resumption = config.resume === undefined ? null : new Resumption(config.resume, link, this.encoder);
    this.link = link;
    this.resumption = resumption;
    this.introduction = new Introduction(this);
  }

  get streams(): Streams {
    this.#madeStreams ??= this.#makeStreams();
    return this.#madeStreams;
  }

  receivedText(): void {
    this.#violate("text message: CAMP frames are binary");
  }

  // ---- what the link asks of the dialect

  encode(kind: MessageKind, payload: Payload): FrameParts {
    try {
      return messageFrame(this.encoder, this.#config.keepPayload, kind, payload);
    } catch (error) {
      if (!(error instanceof CampProtocolError)) throw error;
      throw payloadTooLarge(payload, CAMP_MAX_PAYLOAD, "use Stream() for large data");
    }
  }

  stamp(frame: Uint8Array, number: number): void {
    stampAck(frame, number);
  }

  acknowledges(): boolean {
    return true;
  }

  ack(number: number): OutFrame {
    return plainFrame(this.encoder.ack(number));
  }

  pingFrame(): OutFrame {
    return passing(plainFrame(this.encoder.ping()));
  }

  fault(text: string): OutFrame {
    return new OutFrame(this.encoder.error(text), true, "forget");
  }

  bye(reason: string, settled: () => void): OutFrame {
    return new WatchedFrame(this.encoder.bye(reason), (error) => error === null && settled());
  }

  get openStreams(): number {
    return this.#madeStreams?.open ?? 0;
  }

  failStreams(error: Error, ended: boolean): void {
    this.#madeStreams?.fail(error, ended);
  }

  get resumable(): boolean {
    return this.resumption?.possible === true;
  }

  ending(): void {
    if (this.#comeback === null) this.resumption?.ending();
  }

  hold(code: number, reason: string): void {
    this.#comeback = null;
    this.resumption?.hold(code, reason);
  }

  giveUp(): void {
    this.resumption?.giveUp();
  }

  beat(): void {
    this.resumption?.beat();
  }

  acknowledge(number: number): void {
    this.link.control(this.ack(number));
  }

  greet(): void {
    if (this.resumption?.possible) this.#comeBack(this.resumption);
    else this.introduction.greet();
  }

  #comeBack(resumption: Resumption): void {
    this.#comeback = new Comeback({
      ...{ link: this.link, encoder: this.encoder, expected: this.expected, resumption },
      features: this.introduction.features,
      resumed: () => {
        this.#comeback = null;
        this.releaseStreams();
      },
      begunAnew: (said) => {
        this.#comeback = null;
        this.link.beginAnew(new ResumeFailedError("the server does not have the session any more"));
        this.introduction.adopt(said);
      },
      handle: (frame) => this.#handle(frame, 0),
    });
  }

  late(): void {
    const { handshakeTimeoutMs } = this.#config.settings;
    const fault = `the peer did not introduce itself within ${handshakeTimeoutMs} ms`;
    this.#violate(fault);
  }

  /** What a connection that is still looking for its session would tell its peer, that peer could not place. */
  #violate(fault: string): void {
    if (this.#comeback === null) this.link.violate(CloseCode.clientError, fault);
    else this.link.breakOff(CloseCode.clientError, fault);
  }

  receive(bytes: Uint8Array): void {
    let frame: CampFrame;
    try {
      frame = decode(bytes, this.expected);
    } catch (error) {
      if (!(error instanceof CampProtocolError)) throw error;
      this.#refuse(error, bytes.byteLength);
      return;
    }
    if (this.#comeback === null) this.#handle(frame, bytes.byteLength);
    else this.#comeback.handle(frame);
  }

  #refuse(error: CampProtocolError, bytes: number): void {
    this.#unknown ??= new UnknownFrames(this.link.timers);
    if (error.code !== "UNKNOWN_TYPE" || this.#comeback !== null || this.#unknown.tooMany()) {
      this.#violate(error.message);
      return;
    }
    this.resumption?.arrived(bytes);
    this.link.control(this.fault(error.message));
  }

  /** Frames of the connection first, then those that count for the session. */
  #handle(frame: CampFrame, bytes: number): void {
    switch (frame.type) {
      case "ping_pong":
        this.#pingPong(frame.payload);
        return;
      case "endpoint_info":
        this.introduction.received(frame);
        return;
      case "received":
        this.resumption?.confirmed(frame.received);
        return;
      case "resume": // for a session that this server does not have any more: its client hears that from our ticket
      case "resumed":
        return;
      default:
        if (this.resumption?.ended) return; // the peer was told that nothing more is taken
        this.resumption?.arrived(bytes);
        this.#counted(frame);
    }
  }

  #counted(frame: CountedFrame): void {
    switch (frame.type) {
      case "ack":
        if (!this.link.messaging.acknowledged(frame.ack)) this.link.traffic.strayAcks++;
        return;
      case "utf8data":
        this.link.messaging.arrived("utf8", frame.payload, frame.ack);
        return;
      case "binarydata":
        this.link.messaging.arrived("binary", frame.payload, frame.ack);
        return;
      case "error":
        if (frame.replaced) this.link.traffic.replacedTexts++;
        this.link.messaging.arrived("error", frame.payload, frame.ack);
        return;
      case "bye":
        if (frame.replaced) this.link.traffic.replacedTexts++;
        this.link.messaging.arrived("bye", frame.reason, frame.ack);
        return;
      case "resume_ticket":
        this.resumption?.ticket(frame);
        this.acknowledge(frame.ack);
        return;
      case "token":
        this.acknowledge(frame.ack);
        if (this.#config.role === "server") this.#config.events.tokenOffered?.(frame.token);
        return;
      case "token_state":
        this.acknowledge(frame.ack);
        if (this.#config.role === "client") this.#config.events.tokenState?.(frame.state, Number(frame.remainingMs));
        return;
      default:
        this.#streamFrame(frame);
    }
  }

  /** What is said of the session's token, to a peer that knows of it. */
  sayOfToken(encode: (encoder: FrameEncoder) => Uint8Array): boolean {
    if (!this.expected.tokens || !this.link.accepting) return false;
    this.link.control(new OutFrame(encode(this.encoder), true, "forget"));
    return true;
  }

  #pingPong(payload: "ping" | "pong"): void {
    if (payload === "pong") this.link.pings.ponged();
    else if (this.link.pings.mayAnswer()) this.link.control(passing(plainFrame(this.encoder.pong())));
    else this.link.traffic.unansweredPings++;
  }

  /** What both ends agreed on has changed, or a new connection carries it. */
  releaseStreams(): void {
    const { heard, streamsAgreed, streamsMayLeave } = this.introduction;
    if (heard && !streamsAgreed) this.#madeStreams?.refused(noStreams());
    if (!streamsMayLeave) return;
    this.link.messaging.outbox.release("streams");
    this.#madeStreams?.connected();
  }

  #makeStreams(): Streams {
    const link = this.link;
    const { allocate, events, settings } = this.#config;
    const streams = new Streams({
      ...{ encoder: this.encoder, allocate, outbox: link.messaging.outbox, timers: link.timers, gate: link.gate },
      streamStallTimeoutMs: settings.streamStallTimeoutMs,
      maxStreams: settings.maxStreams,
      streamControl: () => this.expected.streamControl,
      forget: (frame) => link.messaging.forget(frame),
      error: (error) => events.error(error),
      violate: (code, fault) => link.violate(code, fault),
      waiting: (name, size) => events.streamWaiting?.(name, size),
      unclaimed: (name, txId) => events.streamUnclaimed(name, txId),
      acknowledge: (number) => this.acknowledge(number),
      fault: (text) => link.control(this.fault(text)),
      stray: () => link.traffic.strayFrames++,
    });
    if (this.introduction.streamsMayLeave) streams.connected();
    return streams;
  }

  #streamFrame(frame: StreamFrame): void {
    if (this.introduction.streamsAgreed) this.streams.handle(frame);
    else {
      const fault = this.introduction.heard
        ? "but no transactions were announced by both ends"
        : "came before ENDPOINT_INFO";
      this.link.violate(CloseCode.serverError, `${frame.type} ${fault}`);
    }
  }
}

/** The frames that count for the session, whatever connection they come on. */
type CountedFrame = Exclude<
  CampFrame,
  { readonly type: "ping_pong" | "endpoint_info" | "received" | "resume" | "resumed" }
>;

export function noStreams(): CampError {
  return new CampError("NO_STREAMS", "the peer did not announce transactions; it takes no streams");
}
