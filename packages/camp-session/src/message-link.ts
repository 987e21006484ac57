import { CloseCode, isCut, isFinalClose, isRefusal } from "./close-codes.js";
import { Connection } from "./connection.js";
import { Deferred, rejected } from "./deferred.js";
import { ConnectionLostError, SessionClosedError } from "./errors.js";
import type { MessageKind, Payload } from "./hooks.js";
import { Lingering } from "./lingering.js";
import type { LinkConfig, LinkDialect } from "./link-config.js";
import { Messaging, type MessagingWorld } from "./messaging.js";
import type { OutFrame } from "./out-frame.js";
import { type Phase, phases, type SessionState, stateOf } from "./phase.js";
import { Pings } from "./pings.js";
import { ReadGate } from "./read-gate.js";
import type { AliveMarks } from "./session-engine.js";
import { type SessionStats, snapshot } from "./stats.js";
import { Timers } from "./timers.js";
import { Traffic } from "./traffic.js";
import type { Transport } from "./transport.js";

/**
 * The life of one end of a session without its dialect: connections that come and go, the handshake's deadline, the heartbeat,
 * and the graceful close. A dialect assembles it with its frames.
 */
export class MessageLink implements MessagingWorld {
  readonly timers: Timers;
  readonly messaging: Messaging;
  readonly gate: ReadGate;
  readonly pings: Pings;
  readonly traffic: Traffic;
  readonly config: LinkConfig;
  readonly frames: LinkDialect;
  readonly connection: Connection;
  #lingering: Lingering | null = null;

  #phase: Phase = phases.idle;
  #established = false;
  #closedWith: SessionClosedError | null = null;
  #ended: Deferred<void> | null = null;

  constructor(config: LinkConfig, dialect: LinkDialect) {
    this.config = config;
    this.frames = dialect;
    this.timers = new Timers(config.clock);
    this.traffic = new Traffic(config.trace);
    this.pings = new Pings(this.timers, config.settings.ackTimeoutMs);
    this.connection = new Connection(this);
    this.gate = new ReadGate(this.connection);
    this.messaging = new Messaging(this);
  }

  get state(): SessionState {
    return stateOf(this.#phase);
  }

  get stats(): SessionStats {
    return snapshot(this.messaging, this.traffic, this.frames.openStreams);
  }

  get aliveMarks(): AliveMarks {
    return this.connection.aliveMarks;
  }

  /** Whether the handshake of the current connection is over and the session is not closing. */
  get open(): boolean {
    return this.#phase.at === "open";
  }

  /** Whether new messages and streams are still taken. */
  get accepting(): boolean {
    return this.#phase.at !== "closing" && this.#phase.at !== "ending" && this.#phase.at !== "closed";
  }

  /** Why nothing is taken any more. */
  get closedError(): SessionClosedError {
    const phase = this.#phase;
    if (phase.at === "closing") return new SessionClosedError(phase.code, phase.reason);
    return this.#closedWith ?? new SessionClosedError(CloseCode.abnormal, "");
  }

  // ---- connections

  attach(transport: Transport): void {
    const { resumable } = this.frames;
    if (!this.#begin(transport, resumable ? "handshake" : "control")) return;
    if (!resumable) this.messaging.connect();
    this.connection.awaitHandshake();
    this.frames.greet();
  }

  /**
   * The dialect's handshake is over: messages may go, what a lost connection left first. Where there was none, `connected` is told
   * in a turn of its own, so that whoever attached the connection can listen first (rules 5).
   */
  establish(told: "now" | "later" = "now"): void {
    this.messaging.outbox.release("messages");
    this.#opened(false, told);
  }

  /** The session that was held goes on with this connection, on which its peer has proved itself; `answer` tells it so. */
  takeOver(transport: Transport, answer: () => OutFrame): void {
    if (!this.#begin(transport, "handshake")) return;
    this.messaging.outbox.introduce(answer());
    this.resume();
  }

  /** The session goes on where it was cut: what the peer lacks goes out first. */
  resume(): void {
    this.connection.startBeats();
    this.messaging.resume();
    this.#opened(true, "now");
  }

  /** The session that was held cannot go on: it begins anew with the present connection or the next. */
  beginAnew(error: Error): void {
    this.messaging.failUnderWay(error);
    this.frames.failStreams(error, false);
    this.messaging.connect();
  }

  #begin(transport: Transport, gate: "handshake" | "control"): boolean {
    const waits = this.#phase.at === "idle" || this.#phase.at === "disconnected";
    if (waits) this.#phase = phases.handshaking;
    if (waits) this.connection.begin(transport, gate);
    else transport.terminate();
    return waits;
  }

  #opened(resumed: boolean, told: "now" | "later"): void {
    const { events } = this.config;
    this.connection.handshakeOver();
    if (this.#phase.at === "handshaking") {
      this.#phase = phases.open;
      const again = this.#established;
      this.#established = true;
      if (again) events.reconnected(resumed);
      else if (told === "now") events.connected();
      else this.timers.after(0, () => events.connected());
    }
    this.messaging.outbox.pump();
  }

  received(bytes: Uint8Array): void {
    if (this.connection.transport === null || this.#phase.at === "breaking") return;
    this.traffic.received(bytes);
    this.frames.receive(bytes);
  }

  writable(): void {
    const { outbox, ackClock } = this.messaging;
    outbox.writable();
    ackClock.flushedTo(outbox.flushedBytes);
  }

  /** The transport is gone. */
  closed(code: number, reason: string): void {
    this.#lingering?.over();
    if (this.connection.transport === null) return;
    const phase = this.#phase;
    const ours = phase.at === "breaking" || (phase.at === "closing" && phase.step === "close");
    if (ours) this.#lost(phase.code, phase.reason);
    else this.#lost(code, reason);
  }

  /** The client gave up coming back. */
  abandon(code: number, reason: string): void {
    if (this.#phase.at === "disconnected") this.#finish(code, reason);
  }

  // ---- what goes over it

  send(kind: MessageKind, payload: Payload, key: string | undefined): Promise<boolean> {
    return this.accepting ? this.messaging.send(kind, payload, key) : rejected(this.closedError);
  }

  get canSend(): boolean {
    return this.accepting && this.messaging.outbox.canSend;
  }

  drained(signal: AbortSignal | undefined): Promise<void> {
    if (!this.accepting) return rejected(this.closedError);
    return this.canSend ? Promise.resolve() : this.messaging.drained(signal);
  }

  control(frame: OutFrame): void {
    this.messaging.outbox.control(frame);
  }

  /** A PING whose answer nobody waits for. */
  probe(): void {
    this.pings.beat();
    this.control(this.frames.pingFrame());
  }

  /** A PING; resolves to its round-trip time in milliseconds. */
  ping(): Promise<number> {
    if (!this.accepting) return rejected(this.closedError);
    if (this.#phase.at !== "open") return rejected(new ConnectionLostError("a ping"));
    const promise = this.pings.call();
    this.control(this.frames.pingFrame());
    return promise;
  }

  // ---- the end

  /** Ends gracefully; resolves once `closed` fired. */
  close(reason: string, code: number = CloseCode.graceful): Promise<void> {
    const { at } = this.#phase;
    if (at === "closed") return Promise.resolve();
    this.#ended ??= new Deferred();
    const { promise } = this.#ended;
    if (at === "closing" || at === "ending") return promise;
    if (this.connection.transport === null || at === "breaking") this.#finish(code, reason);
    else {
      this.#beginClosing(code, reason);
      this.timers.after(this.config.settings.closeTimeoutMs, () => this.#closeTransport());
      this.progress();
    }
    return promise;
  }

  /** Says BYE at once, whatever still waits: the two ends cannot work together. */
  leave(reason: string): void {
    if (this.connection.transport === null || !this.accepting) return;
    this.messaging.failQueued(new SessionClosedError(CloseCode.graceful, reason));
    void this.close(reason);
  }

  /** Tells the peer what it did wrong and ends the connection with `code`. */
  violate(code: number, fault: string): void {
    if (this.connection.transport === null || this.#lingering?.is(this.connection.transport)) return;
    this.control(this.frames.fault(fault));
    this.breakOff(code, fault);
  }

  /**
   * Ends the connection with `code` and no BYE. A session that reconnects goes on afterwards, others have ended at once.
   * `told` is the code that the application hears of.
   */
  breakOff(code: number, reason: string, told = code): void {
    const transport = this.connection.transport;
    if (transport === null || this.#lingering?.is(transport)) return;
    this.#closeNow(transport, code, reason);
    if (this.#comesBack(told)) this.#phase = { at: "breaking", code: told, reason };
    else this.#lost(told, reason);
  }

  /**
   * Exchanges the connection of a session that reconnects for a fresh one. What has left may still be acknowledged; what is
   * sent meanwhile waits for the next connection.
   */
  renew(reason: string): void {
    if (this.#phase.at !== "open" || !this.config.reconnects) return;
    this.#phase = { at: "renewing", reason };
    this.messaging.outbox.confine("control");
    this.timers.after(this.config.settings.ackTimeoutMs, () => this.#breakToRenew());
    this.progress();
  }

  #breakToRenew(): void {
    const phase = this.#phase;
    if (phase.at === "renewing") this.breakOff(CloseCode.graceful, phase.reason, CloseCode.goingAway);
  }

  /** Ends the session for good with `code` and no BYE. */
  fail(code: number, reason: string): void {
    if (this.connection.transport !== null) this.#closeNow(this.connection.transport, code, reason);
    this.#finish(code, reason);
  }

  destroy(): void {
    this.connection.transport?.terminate();
    this.#finish(CloseCode.abnormal, "destroyed");
  }

  // ---- closing, step by step (rules 16)

  #beginClosing(code: number, reason: string): void {
    if (this.#phase.at === "renewing") this.messaging.outbox.release("messages");
    this.#phase = { at: "closing", code, reason, step: "flush" };
    this.gate.force();
    this.frames.failStreams(this.closedError, true);
  }

  /** Goes on with a graceful close once everything has left and was acknowledged. */
  progress(): void {
    const phase = this.#phase;
    if (phase.at === "renewing" && this.messaging.allAcknowledged) {
      this.messaging.whenDelivered(() => this.#breakToRenew());
    }
    if (phase.at !== "closing" || phase.step !== "flush" || !this.messaging.quiet) return;
    phase.step = "bye";
    const graceful = phase.code === CloseCode.graceful;
    const bye = graceful ? this.frames.bye(phase.reason, () => this.#closeTransport()) : null;
    if (bye === null) this.#closeTransport();
    else this.messaging.outbox.bye(bye);
  }

  /** The peer said BYE, all its messages were delivered and it was acknowledged. */
  farewell(reason: string): void {
    const phase = this.#phase;
    const deadHeartbeat = reason.startsWith("Disconnecting session due to not responding");
    if (deadHeartbeat && this.#comesBack(CloseCode.abnormal)) {
      this.breakOff(CloseCode.graceful, reason, CloseCode.abnormal);
    } else if (phase.at === "disconnected") {
      this.#finish(CloseCode.graceful, reason);
    } else if (phase.at === "open" || phase.at === "handshaking") {
      this.#beginClosing(CloseCode.graceful, reason);
      this.messaging.failAll(this.closedError);
      this.#closeTransport();
    } else {
      this.#closeTransport();
    }
  }

  #closeTransport(): void {
    const phase = this.#phase;
    const transport = this.connection.transport;
    if (phase.at !== "closing" || phase.step === "close" || transport === null) return;
    phase.step = "close";
    this.#closeNow(transport, phase.code, phase.reason);
    if (phase.code !== CloseCode.graceful) this.#lost(phase.code, phase.reason);
  }

  #closeNow(transport: Transport, code: number, reason: string): void {
    this.frames.ending();
    this.messaging.outbox.leave(this.frames.resumable);
    this.#lingering ??= new Lingering(this.timers, this);
    this.#lingering.close(transport, code, reason);
  }

  /** Whether the session goes on after its connection ended so: clients come back, and servers wait for those who can. */
  #comesBack(code: number, cut = isCut(code)): boolean {
    if (!this.accepting) return false;
    return this.config.reconnects ? !isFinalClose(code) : cut && this.frames.resumable;
  }

  /** The connection is over: what cannot outlive it fails, and the session waits for another or ends. */
  #lost(code: number, reason: string, cut?: boolean): void {
    if (!this.#comesBack(code, cut)) {
      this.#finish(code, reason);
      return;
    }
    this.connection.end();
    this.#phase = { at: "disconnected" };
    this.pings.fail(new ConnectionLostError("a ping"));
    if (this.frames.resumable) {
      this.messaging.suspend();
      this.frames.hold(code, reason);
    } else {
      this.messaging.outbox.leave(false);
      this.messaging.keepForNext(isRefusal(code), code, reason);
      this.frames.failStreams(new ConnectionLostError("a stream"), false);
    }
    this.config.events.disconnected(code, reason);
  }

  /** The end of the session; `closed` fires once what has arrived was delivered. */
  #finish(code: number, reason: string): void {
    if (this.#phase.at === "closed" || this.#phase.at === "ending") return;
    const error = new SessionClosedError(code, reason);
    this.#phase = { at: "ending" };
    this.#closedWith = error;
    this.connection.end();
    this.messaging.outbox.leave(false);
    this.messaging.failAll(error);
    this.messaging.failWaiters(error);
    this.pings.fail(error);
    this.frames.failStreams(error, true);
    this.messaging.whenDelivered(() => {
      this.#phase = { at: "closed" };
      // No deadline is left but that of a transport which still owes its close frame.
      this.timers.clear();
      this.#lingering?.wait();
      this.config.events.closed(code, reason);
      this.#ended?.resolve();
    });
  }

  // ---- what the parts ask and tell

  /** The peer is gone. A session that can be resumed waits for it, whatever the old connection may still bring. */
  cutOff(reason: string): void {
    const { transport } = this.connection;
    if (!this.frames.resumable) this.breakOff(CloseCode.clientError, reason);
    else if (transport !== null) {
      this.#lingering?.over();
      transport.terminate();
      this.#lost(CloseCode.clientError, reason, true);
    }
  }

  overwhelmed(by: "unread" | "arrivals"): void {
    if (this.#phase.at === "disconnected") this.frames.giveUp();
    else if (by === "unread") this.breakOff(CloseCode.clientError, "does not read");
    else this.violate(CloseCode.serverError, "messages arrive faster than they are handled");
  }

  hookFailed(extension: string, error: Error): void {
    if (this.#phase.at !== "closed") this.config.events.hookFailed(extension, error);
  }
}
