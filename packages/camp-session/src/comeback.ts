import {
  CAMP_VERSION,
  type CampFrame,
  type EndpointInfoFrame,
  Feature,
  type FrameEncoder,
  type FrameExpectation,
  stampAck,
} from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import type { MessageLink } from "./message-link.js";
import { passing, plainFrame } from "./out-frame.js";
import type { Resumption } from "./resumption.js";

/** What was said on a connection before it was clear that the session begins anew with it. */
export interface Said {
  /** The server's introduction. */
  readonly info: EndpointInfoFrame | null;
  /** Whether it acknowledged ours. */
  readonly acknowledged: boolean;
  /** Acknowledgements that went and came: they count for the session. */
  readonly acksSent: number;
  readonly acksReceived: number;
}

/** What a client's way back needs of its session. */
export interface ComebackWorld {
  readonly link: MessageLink;
  readonly encoder: FrameEncoder;
  readonly expected: FrameExpectation;
  readonly resumption: Resumption;
  readonly features: bigint;
  /** The session goes on. */
  resumed(): void;
  /** The server does not have the session any more. */
  begunAnew(said: Said): void;
  /** A frame for the session that begins anew. */
  handle(frame: CampFrame): void;
}

/**
 * The first frames of a client that comes back: introductions, then RESUME, then the server's answer. RESUMED means that the
 * session goes on; a fresh RESUME_TICKET, or a server that does not know of resuming, that it begins anew. These frames have
 * numbers of their own: those of the session go on where they were.
 */
export class Comeback {
  readonly #world: ComebackWorld;
  #info: EndpointInfoFrame | null = null;
  #acknowledged = false;
  #acksSent = 0;
  #acksReceived = 0;

  constructor(world: ComebackWorld) {
    this.#world = world;
    this.#send(world.encoder.endpointInfo(CAMP_VERSION, world.features), 0);
  }

  handle(frame: CampFrame): void {
    switch (frame.type) {
      case "ack":
        this.#acknowledged ||= frame.ack === 0;
        this.#acksReceived++;
        return;
      case "endpoint_info":
        this.#introduced(frame);
        return;
      case "ping_pong":
        if (frame.payload === "ping") this.#send(this.#world.encoder.pong());
        return;
      case "resumed":
        if (this.#info !== null && this.#world.resumption.resumed(frame.received)) this.#world.resumed();
        else this.#refuse("RESUMED does not fit the session");
        return;
      case "resume_ticket":
        this.#beginAnew();
        this.#world.handle(frame);
        return;
      case "error":
        return; // why the server will not have us: it closes next
      default:
        this.#refuse(`${frame.type} came before it was clear whether the session goes on`);
    }
  }

  #introduced(info: EndpointInfoFrame): void {
    const { encoder, expected, resumption } = this.#world;
    if (info.version !== CAMP_VERSION || (info.features & Feature.resume) === 0n) {
      this.#beginAnew();
      this.#world.handle(info);
      return;
    }
    this.#send(encoder.ack(info.ack));
    this.#acksSent++;
    if (this.#info !== null) return;
    this.#info = info;
    expected.resume = true;
    this.#send(resumption.request());
  }

  #beginAnew(): void {
    this.#world.begunAnew({
      ...{ info: this.#info, acknowledged: this.#acknowledged },
      ...{ acksSent: this.#acksSent, acksReceived: this.#acksReceived },
    });
  }

  #refuse(fault: string): void {
    this.#world.link.breakOff(CloseCode.clientError, fault);
  }

  #send(bytes: Uint8Array, ack?: number): void {
    if (ack !== undefined) stampAck(bytes, ack);
    this.#world.link.messaging.outbox.introduce(passing(plainFrame(bytes)));
  }
}
