import { CAMP_VERSION, type EndpointInfoFrame, Feature, type FrameEncoder, type FrameExpectation } from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import type { Said } from "./comeback.js";
import { VersionMismatchError } from "./errors.js";
import type { MessageLink } from "./message-link.js";
import { passing, WatchedFrame } from "./out-frame.js";
import type { Resumption } from "./resumption.js";

/** What the handshake needs of its session. */
export interface IntroductionWorld {
  readonly link: MessageLink;
  readonly encoder: FrameEncoder;
  readonly expected: FrameExpectation;
  readonly resumption: Resumption | null;
  acknowledge(number: number): void;
  /** What may be sent as a stream has changed. */
  releaseStreams(): void;
}

/** The handshake of a fresh connection: both ends tell their version and features and acknowledge the other's (camp-v1.md section 4). */
export class Introduction {
  readonly #world: IntroductionWorld;
  /** What the peer announced on this connection. */
  #peerFeatures: bigint | null = null;
  /** Whether the peer acknowledged ours. */
  #acknowledged = false;

  constructor(world: IntroductionWorld) {
    this.#world = world;
  }

  /** What this end announces. */
  get features(): bigint {
    const resume = this.#world.resumption === null ? 0n : Feature.resume;
    return Feature.transactions | Feature.streamControl | Feature.tokens | resume;
  }

  /** Whether the peer introduced itself. */
  get heard(): boolean {
    return this.#peerFeatures !== null;
  }

  get streamsAgreed(): boolean {
    return this.#peerFeatures !== null && (this.#peerFeatures & Feature.transactions) !== 0n;
  }

  /** No stream frame leaves before the peer's ENDPOINT_INFO was accepted and ours acknowledged. */
  get streamsMayLeave(): boolean {
    return this.#acknowledged && this.#world.link.open && this.streamsAgreed;
  }

  /** A fresh connection: nothing was said yet. */
  begin(): void {
    this.#peerFeatures = null;
    this.#acknowledged = false;
    this.#world.expected.streamControl = false;
    this.#world.expected.resume = false;
    this.#world.expected.tokens = false;
  }

  greet(): void {
    this.#world.link.connection.startBeats();
    this.#world.link.control(this.#frame());
  }

  /** The connection is fresh after all: this end introduced itself on it already, and so may have the peer. */
  adopt({ info, acknowledged, acksSent, acksReceived }: Said): void {
    const { link } = this.#world;
    this.begin();
    link.connection.startBeats();
    link.messaging.journal.catchUp(acksSent, acksReceived);
    link.messaging.outbox.confine("control");
    link.messaging.outbox.adopt(this.#frame());
    if (acknowledged) link.messaging.acknowledged(0);
    if (info !== null) this.#accept(info);
  }

  /** The version is looked at first, a second introduction must equal the first (rules 12). */
  received(info: EndpointInfoFrame): void {
    const known = this.#peerFeatures;
    if (info.version !== CAMP_VERSION) {
      this.#refuseVersion(info);
      return;
    }
    if (known !== null && known !== info.features) {
      this.#world.link.violate(CloseCode.clientError, "a second ENDPOINT_INFO differs from the first");
      return;
    }
    this.#world.acknowledge(info.ack);
    if (known === null) this.#accept(info);
  }

  #accept({ features }: EndpointInfoFrame): void {
    const { link, expected, resumption } = this.#world;
    this.#peerFeatures = features;
    expected.streamControl = (features & Feature.streamControl) !== 0n;
    expected.resume = resumption !== null && expected.streamControl && (features & Feature.resume) !== 0n;
    expected.tokens = (features & Feature.tokens) !== 0n;
    resumption?.begin(expected.resume);
    resumption?.issue();
    link.establish();
    this.#world.releaseStreams();
  }

  #refuseVersion(info: EndpointInfoFrame): void {
    const { link } = this.#world;
    const error = new VersionMismatchError(info.version, CAMP_VERSION);
    if (link.config.role === "server") {
      link.violate(CloseCode.clientError, error.message);
      return;
    }
    this.#world.acknowledge(info.ack);
    link.leave(error.message);
    link.config.events.error(error);
  }

  #frame(): WatchedFrame {
    const info = this.#world.encoder.endpointInfo(CAMP_VERSION, this.features);
    return passing(
      new WatchedFrame(info, (error) => {
        if (error !== null) return;
        this.#acknowledged = true;
        this.#world.releaseStreams();
      }),
    );
  }
}
