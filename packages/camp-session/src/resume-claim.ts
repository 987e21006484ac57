import {
  CAMP_VERSION,
  type CampFrame,
  CampProtocolError,
  decode,
  type EndpointInfoFrame,
  expectFrames,
  Feature,
  FrameEncoder,
  type FrameExpectation,
  type ResumeFrame,
  stampAck,
} from "camp-protocol";
import type { CampSession } from "./camp-session.js";
import type { Clock } from "./clock.js";
import { CloseCode } from "./close-codes.js";
import { Lingering } from "./lingering.js";
import type { ReturnVerdict } from "./resumption.js";
import { Timers } from "./timers.js";
import type { SessionInputs, Transport } from "./transport.js";

/** What a claim is made of. */
export interface ResumeClaimConfig {
  /** The session that was cut and is kept for its client. */
  readonly session: CampSession;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly handshakeTimeoutMs: number;
  /** The session has taken the transport: from now on it hears what happens on it, and this claim is over. */
  resumed(): void;
  /** Somebody else it was, or too late: the transport is gone, and nothing happened to the session. */
  ended(): void;
}

const refusals: Readonly<Record<Exclude<ReturnVerdict, "resumed">, string>> = {
  "in-use": "the session has a connection already",
  foreign: "the session is kept for somebody else",
  stale: "RESUME does not fit the session",
  over: "the session is over; begin anew",
};

/** Pings answered while it is open who comes; there is no reason for more. */
const pongsMax = 10;

/**
 * A connection on a server that names a session which waits for its client: introductions, then RESUME. Until that has proved
 * who comes, the session does not notice; several may claim it side by side, and the first who has its secret gets it.
 */
export class ResumeClaim implements SessionInputs {
  readonly #config: ResumeClaimConfig;
  readonly #encoder: FrameEncoder;
  readonly #expected: FrameExpectation;
  readonly #timers: Timers;
  readonly #lingering: Lingering;
  #over = false;
  #pongs = 0;

  constructor(config: ResumeClaimConfig) {
    const { session, clock, handshakeTimeoutMs } = config;
    this.#config = config;
    this.#encoder = new FrameEncoder(session.id);
    this.#expected = expectFrames(session.id);
    this.#timers = new Timers(clock);
    this.#lingering = new Lingering(this.#timers, this);
    this.#timers.after(handshakeTimeoutMs, () => this.#refuse("no RESUME came in time"));
    const features = Feature.transactions | Feature.streamControl | Feature.tokens | Feature.resume;
    this.#send(this.#encoder.endpointInfo(CAMP_VERSION, features), 0);
  }

  received(bytes: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#handle(decode(bytes, this.#expected));
    } catch (error) {
      if (!(error instanceof CampProtocolError)) throw error;
      this.#refuse(error.message);
    }
  }

  receivedText(): void {
    this.#refuse("text message: CAMP frames are binary");
  }

  writable(): void {}

  tick(): void {
    this.#timers.tick();
  }

  closed(): void {
    this.#over = true;
    this.#lingering.over();
    this.#timers.clear();
    this.#config.ended();
  }

  #handle(frame: CampFrame): void {
    switch (frame.type) {
      case "endpoint_info":
        this.#introduced(frame);
        return;
      case "resume":
        this.#resume(frame);
        return;
      case "ping_pong":
        if (frame.payload === "ping" && this.#pongs++ < pongsMax) this.#send(this.#encoder.pong());
        return;
      case "ack":
        return;
      default:
        this.#refuse(`${frame.type} came where RESUME was due`);
    }
  }

  #introduced(info: EndpointInfoFrame): void {
    const agreed = Feature.resume | Feature.streamControl;
    if (info.version !== CAMP_VERSION || (info.features & agreed) !== agreed) {
      this.#refuse("the session id is in use by a client that can resume");
      return;
    }
    this.#expected.resume = true;
    this.#send(this.#encoder.ack(info.ack));
  }

  #resume(frame: ResumeFrame): void {
    const { session, transport, resumed } = this.#config;
    const verdict = session.returned(transport, frame);
    if (verdict !== "resumed") this.#refuse(refusals[verdict]);
    else {
      this.#over = true;
      this.#timers.clear();
      resumed();
    }
  }

  /** The peer may come again: 4001 is no end for a client of ours. */
  #refuse(fault: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.clear();
    this.#send(this.#encoder.error(fault), 1);
    this.#lingering.close(this.#config.transport, CloseCode.clientError, fault);
  }

  #send(bytes: Uint8Array, ack?: number): void {
    if (ack !== undefined) stampAck(bytes, ack);
    this.#config.transport.send(bytes);
  }
}
