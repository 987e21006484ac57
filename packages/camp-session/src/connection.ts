import { Heartbeat, type HeartbeatWorld } from "./heartbeat.js";
import type { MessageLink } from "./message-link.js";
import type { ReadGateOwner } from "./read-gate.js";
import type { AliveMarks } from "./session-engine.js";
import type { Timer } from "./timers.js";
import type { Transport } from "./transport.js";

/** The connection that a link has, if any, and what ends with it: the handshake's deadline, the heartbeat, a pause in reading. */
export class Connection implements HeartbeatWorld, ReadGateOwner {
  transport: Transport | null = null;
  readonly #link: MessageLink;
  readonly #heartbeat: Heartbeat;
  #handshakeTimer: Timer | null = null;

  constructor(link: MessageLink) {
    const { role, settings } = link.config;
    this.#link = link;
    this.#heartbeat = new Heartbeat(link.timers, settings.keepAliveIntervalMs, role === "server", this);
  }

  begin(transport: Transport, gate: "handshake" | "control"): void {
    this.transport = transport;
    this.#link.messaging.outbox.attach(transport, gate);
    this.#link.gate.attach(transport);
    this.#link.config.events.attached?.();
  }

  /** From now on the handshake must be over in time. */
  awaitHandshake(): void {
    const { timers, config, frames } = this.#link;
    this.#handshakeTimer = timers.after(config.settings.handshakeTimeoutMs, () => frames.late());
  }

  handshakeOver(): void {
    this.#handshakeTimer?.cancel();
    this.#handshakeTimer = null;
  }

  startBeats(): void {
    this.#heartbeat.start(this.#link.config.phase);
  }

  /** What the peer answers may lie unread: nothing that it owes us has a deadline then. */
  readingChanged(paused: boolean): void {
    this.#link.messaging.ackClock.readingChanged(paused);
    if (paused) this.#heartbeat.paused();
  }

  end(): void {
    this.transport = null;
    this.handshakeOver();
    this.#heartbeat.stop();
    this.#link.gate.detach();
  }

  /** How far the peer and our backlog to it have come. */
  get aliveMarks(): AliveMarks {
    const { flushedBytes, bufferedBytes } = this.#link.messaging.outbox;
    return { receivedBytes: this.receivedBytes(), flushedBytes, bufferedBytes };
  }

  receivedBytes(): number {
    return this.transport?.receivedBytes ?? 0;
  }

  bufferedBytes(): number {
    return this.#link.messaging.outbox.bufferedBytes;
  }

  flushedBytes(): number {
    return this.#link.messaging.outbox.flushedBytes;
  }

  paused(): boolean {
    return this.#link.gate.paused;
  }

  probe(): void {
    this.#link.probe();
  }

  dead(): void {
    this.#link.cutOff("the peer does not answer");
  }

  beat(): void {
    const { messaging, frames, config } = this.#link;
    frames.beat();
    config.events.beat(messaging.ackClock.takeTimeouts());
  }
}
