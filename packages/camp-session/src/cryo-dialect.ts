import {
  CALE_OVERHEAD_BYTES,
  CRYO_MAX_PAYLOAD,
  type CryoFrame,
  CryoFrameEncoder,
  type CryoFrameExpectation,
  type CryoPingPongFrame,
  CryoProtocolError,
  decode,
  expectCryoFrames,
  stampCryoAck,
} from "cryo-protocol";
import { CaleChannel, type ChannelWorld } from "./cale-channel.js";
import type { CaleConfig } from "./cale-config.js";
import type { CaleRefusal } from "./cale-handshake.js";
import { CloseCode } from "./close-codes.js";
import { CaleError } from "./errors.js";
import type { MessageKind, Payload } from "./hooks.js";
import type { FrameParts } from "./join.js";
import type { LinkConfig, LinkDialect } from "./link-config.js";
import { messageFrame, payloadTooLarge } from "./message-frame.js";
import { MessageLink } from "./message-link.js";
import { OutFrame, plainFrame } from "./out-frame.js";
import type { Transport } from "./transport.js";
import { UnknownFrames } from "./unknown-frames.js";

/** What a Cryo session is made of. */
export interface CryoSessionConfig extends LinkConfig {
  /** The session's UUID in its text form of 36 characters, in any case. */
  readonly id: string;
  /** Encryption between the two ends; null for a session in the clear. */
  readonly cale: CaleConfig | null;
}

/** One text for whatever went wrong, so that it tells an attacker nothing. */
const refusalTexts: Readonly<Record<CaleRefusal, string>> = {
  [CloseCode.caleDisagreement]: "only one of the two ends uses CALE; set use_cale alike on both",
  [CloseCode.caleFailed]: "CALE failed",
};

/** Cryo v1 as one end of a session speaks it: its frames, and CALE on each connection that is to be encrypted. */
export class CryoDialect implements LinkDialect, ChannelWorld {
  /** The session's id in lower case. */
  readonly id: string;
  readonly link: MessageLink;
  readonly #config: CryoSessionConfig;
  readonly #encoder: CryoFrameEncoder;
  readonly #expected: CryoFrameExpectation;
  readonly #unknown: UnknownFrames;
  /** CALE on the current connection. */
  #channel: CaleChannel | null = null;
  #channelBinding: Uint8Array | null = null;
  /** Whether the frame that the link passes on came out of a record. */
  #inRecord = false;
  /** The ping answered last on this connection. */
  #answeredPing = -1;
  #oldRecords = 0;

  constructor(config: CryoSessionConfig) {
    const { cale, settings } = config;
    this.#config = config;
    this.#encoder = new CryoFrameEncoder(config.id);
    this.#expected = expectCryoFrames(config.id);
    this.id = this.#expected.sid;
    const handshakeTimeoutMs = cale?.handshakeTimeoutMs ?? settings.handshakeTimeoutMs;
    this.link = new MessageLink({ ...config, settings: { ...settings, handshakeTimeoutMs } }, this);
    this.#unknown = new UnknownFrames(this.link.timers);
  }

  /** Of the current connection, while it is encrypted. */
  get channelBinding(): Uint8Array | null {
    const { state } = this.link;
    return state === "open" || state === "closing" ? this.#channelBinding : null;
  }

  get oldRecords(): number {
    return this.#oldRecords;
  }

  attach(transport: Transport): void {
    const { cale, role } = this.#config;
    const { state } = this.link;
    if (cale === null || (state !== "idle" && state !== "disconnected")) {
      this.link.attach(transport);
      return;
    }
    this.#channel?.end();
    this.#channel = new CaleChannel(role, cale, transport, this);
    this.link.attach(this.#channel.transport);
  }

  received(bytes: Uint8Array): void {
    if (this.#channel === null) this.link.received(bytes);
    else this.#channel.arrived(bytes);
  }

  receivedText(): void {
    if (this.#channel === null) this.link.violate(CloseCode.clientError, "text message: Cryo frames are binary");
    else this.#channel.refuse();
  }

  closed(code: number, reason: string): void {
    if (this.#channel === null) this.link.closed(code, reason);
    else this.#channel.closed(() => this.link.closed(code, reason));
  }

  // ---- what the link asks of the dialect

  encode(kind: MessageKind, payload: Payload): FrameParts {
    try {
      return messageFrame(this.#encoder, this.#config.keepPayload, kind, payload);
    } catch (error) {
      if (!(error instanceof CryoProtocolError)) throw error;
      throw payloadTooLarge(payload, CRYO_MAX_PAYLOAD, "send it in parts");
    }
  }

  stamp(frame: Uint8Array, number: number): void {
    stampCryoAck(frame, number);
  }

  acknowledges(kind: MessageKind | "bye"): boolean {
    return kind !== "error";
  }

  ack(number: number): OutFrame {
    return plainFrame(this.#encoder.ack(number));
  }

  pingFrame(): OutFrame {
    return new OutFrame(this.#encoder.ping(), true, "forget");
  }

  fault(text: string): OutFrame {
    return new OutFrame(this.#encoder.error(text), true, "unawaited");
  }

  /** Cryo has no farewell: the close frame is the last word. */
  bye(): null {
    return null;
  }

  readonly openStreams = 0;

  readonly resumable = false;

  ending(): void {}

  hold(): void {}

  giveUp(): void {}

  beat(): void {}

  failStreams(): void {}

  greet(): void {
    this.#channelBinding = null;
    this.#answeredPing = -1;
    if (this.#channel === null) {
      this.link.connection.startBeats();
      this.link.establish("later");
      return;
    }
    this.link.messaging.outbox.confine("handshake");
    this.#channel.start();
  }

  late(): void {
    this.#channel?.late();
  }

  receive(bytes: Uint8Array): void {
    let frame: CryoFrame;
    try {
      frame = decode(bytes, this.#expected);
    } catch (error) {
      if (!(error instanceof CryoProtocolError)) throw error;
      this.#refuse(error);
      return;
    }
    if (this.#channel === null || this.#inRecord) this.#handle(frame);
    else this.#handleClear(frame, this.#channel);
  }

  #refuse(error: CryoProtocolError): void {
    const { code } = error;
    if (this.#channel !== null && (!this.#inRecord || code === "FOREIGN_SID")) this.#channel.refuse();
    else if (code !== "UNKNOWN_TYPE" || this.#unknown.tooMany()) {
      this.link.violate(CloseCode.clientError, error.message);
    } else this.link.control(this.fault(error.message));
  }

  /** Only the handshake may come in the clear, and what a deployed server sent too early if the application allows it. */
  #handleClear(frame: CryoFrame, channel: CaleChannel): void {
    const { cale, role } = this.#config;
    const allowed = cale?.acceptPlaintextBeforeFirstRecord === true && role === "client" && channel.beforeFirstRecord;
    if (allowed && !isHandshake(frame)) this.#handle(frame, true);
    else channel.handle(frame);
  }

  #handle(frame: CryoFrame, plaintext?: true): void {
    const { messaging, traffic } = this.link;
    switch (frame.type) {
      case "ack":
        this.#acknowledged(frame.ack, plaintext);
        return;
      case "utf8data":
        if (frame.replaced) traffic.replacedTexts++;
        messaging.arrived("utf8", frame.payload, frame.ack, plaintext);
        return;
      case "binarydata":
        messaging.arrived("binary", frame.payload, frame.ack, plaintext);
        return;
      case "error":
        if (frame.replaced) traffic.replacedTexts++;
        messaging.arrived("error", frame.payload, frame.ack, plaintext);
        return;
      case "ping_pong":
        this.#pingPong(frame, plaintext);
        return;
      default:
        this.#strayHandshake();
    }
  }

  /** Nothing of ours leaves before it is sealed, so that whoever acknowledges in the clear has not read it. */
  #acknowledged(number: number, plaintext: true | undefined): boolean {
    const { messaging, traffic } = this.link;
    const expected = plaintext === undefined && messaging.acknowledged(number);
    if (!expected) traffic.strayAcks++;
    return expected;
  }

  /** A pong answers the ping of its number. Never answered twice is a ping: deployed clients send one back for each pong. */
  #pingPong({ payload, ack }: CryoPingPongFrame, plaintext: true | undefined): void {
    const { pings, traffic } = this.link;
    if (payload === "pong") {
      if (this.#acknowledged(ack, plaintext)) pings.ponged();
    } else if (ack !== this.#answeredPing && pings.mayAnswer()) {
      this.#answeredPing = ack;
      this.link.control(plainFrame(this.#encoder.pong(ack)));
    } else traffic.unansweredPings++;
  }

  /** A peer that shakes hands uses CALE; one that does so again inside a record has lost its way. */
  #strayHandshake(): void {
    if (this.#channel !== null) this.#channel.refuse();
    else this.refused(CloseCode.caleDisagreement);
  }

  // ---- what CALE tells

  sendHello(publicKey: Uint8Array): number {
    const server = this.#config.role === "server";
    const bytes = server ? this.#encoder.serverHello(publicKey) : this.#encoder.clientHello(publicKey);
    const frame = new OutFrame(bytes, true, "unawaited");
    this.link.messaging.outbox.introduce(frame);
    return frame.number;
  }

  sendDone(number: number): void {
    this.link.messaging.outbox.introduce(plainFrame(this.#encoder.handshakeDone(number)));
  }

  clear(bytes: Uint8Array): void {
    this.#inRecord = false;
    this.link.received(bytes);
  }

  opened(bytes: Uint8Array): void {
    this.#inRecord = true;
    this.link.received(bytes);
  }

  secured(channelBinding: Uint8Array): void {
    this.#channelBinding = channelBinding;
    this.link.messaging.outbox.overheadBytes = CALE_OVERHEAD_BYTES;
    this.link.connection.startBeats();
    this.link.establish();
    if (this.link.open) this.#config.events.secure?.();
  }

  /** A client asked for this connection: it hears of an error as it would of any other reason why it cannot connect. */
  refused(code: CaleRefusal): void {
    const { role, events } = this.#config;
    if (role === "client") events.error(new CaleError(code, refusalTexts[code]));
    this.link.breakOff(code, refusalTexts[code]);
  }

  oldRecord(): void {
    this.#oldRecords++;
  }

  full(isFull: boolean): void {
    const { gate } = this.link;
    if (!isFull) gate.release("cale");
    else if (!gate.hold("cale")) {
      this.#channel?.end();
      this.link.overwhelmed("arrivals");
    }
  }

  /** In a turn of its own: this is told from within `Transport.send`. */
  worn(): void {
    this.#afterwards(() => this.link.renew("the keys are worn out"));
  }

  spent(): void {
    this.#afterwards(() => this.link.breakOff(CloseCode.serverError, "the keys are used up"));
  }

  #afterwards(run: () => void): void {
    const channel = this.#channel;
    this.link.timers.after(0, () => {
      if (this.#channel === channel) run();
    });
  }
}

function isHandshake({ type }: CryoFrame): boolean {
  return type === "server_hello" || type === "client_hello" || type === "handshake_done";
}
