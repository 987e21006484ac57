import { AckClock, type AckClockOwner } from "./ack-clock.js";
import { Deferred, onAbort, rejected } from "./deferred.js";
import { ConnectionLostError, DroppedError, ResumeFailedError, SessionClosedError } from "./errors.js";
import type { DropReason } from "./events.js";
import type { Hooks, MessageKind, Payload } from "./hooks.js";
import { type Arrival, Inbox, type InboxWorld } from "./inbox.js";
import type { FrameParts } from "./join.js";
import { Journal } from "./journal.js";
import { Ledger } from "./ledger.js";
import type { LinkConfig } from "./link-config.js";
import { none } from "./none.js";
import { Message, type OutFrame } from "./out-frame.js";
import { Outbox } from "./outbox.js";
import type { OutboxEvents } from "./outbox-events.js";
import type { ReadGate } from "./read-gate.js";
import { SendHooks, type SendHooksWorld } from "./send-hooks.js";
import type { Timers } from "./timers.js";
import type { Traffic } from "./traffic.js";

/** The frames that messages are made of, in whatever dialect. */
export interface MessageFrames {
  /** The frame of a message, its number left open. Throws `PayloadTooLargeError`. */
  encode(kind: MessageKind, payload: Payload): FrameParts;
  /** Writes the ack number of a tracked frame. */
  stamp(frame: Uint8Array, number: number): void;
  ack(number: number): OutFrame;
  /** Whether the receiver of such a frame acknowledges it. */
  acknowledges(kind: MessageKind | "bye"): boolean;
}

/** What messages need of their session. */
export interface MessagingWorld {
  readonly config: LinkConfig;
  readonly timers: Timers;
  readonly traffic: Traffic;
  readonly gate: ReadGate;
  readonly frames: MessageFrames;
  /** The peer took too much of this end: it does not read, or sends more than can be kept. */
  overwhelmed(by: "unread" | "arrivals"): void;
  /** A hook failed, maybe one that still ran when the session ended. */
  hookFailed(extension: string, error: Error): void;
  /** The peer's farewell, after all its messages. */
  farewell(reason: string): void;
  /** Something that a graceful close may have waited for happened. */
  progress(): void;
}

/** Acknowledged messages in both directions, in order: hooks, queue, numbers on the way out; hooks, ACK, event on the way in. */
export class Messaging implements OutboxEvents, InboxWorld, SendHooksWorld, AckClockOwner {
  readonly outbox: Outbox;
  readonly ackClock: AckClock;
  readonly journal: Journal;
  readonly #world: MessagingWorld;
  readonly #ledger: Ledger;
  readonly #inbox: Inbox;
  /** Made for the first message that has hooks to pass. */
  #sendHooks: SendHooks | null = null;
  #drainWaiters: Deferred<void>[] = none;
  /** Counts connections, so that what arrived on an old one is not acknowledged on the next. */
  #connection = 0;

  constructor(world: MessagingWorld) {
    const { timers, frames } = world;
    const { settings, budget } = world.config;
    const { highWaterMark, maxQueuedBytes } = settings.backpressure;
    const bytesMax = highWaterMark + maxQueuedBytes;
    this.#world = world;
    this.#ledger = new Ledger(frames, bytesMax);
    this.journal = new Journal(bytesMax);
    this.ackClock = new AckClock(this.#ledger, timers, settings.ackTimeoutMs, this);
    this.outbox = new Outbox(this.#ledger, this.journal, timers, settings.backpressure, budget, this);
    this.#inbox = new Inbox(this);
  }

  get rttMs(): number | null {
    return this.#ledger.rttMs;
  }

  get unackedFrames(): number {
    return this.#ledger.unackedFrames;
  }

  /** Whether every message has left and was acknowledged. */
  get quiet(): boolean {
    return this.outbox.empty && this.allAcknowledged;
  }

  /** Whether every message that has left was acknowledged. */
  get allAcknowledged(): boolean {
    return this.#ledger.unackedMessages === 0;
  }

  /** A fresh connection begins. */
  connect(): void {
    this.#connection++;
    this.journal.reset();
  }

  /** The connection is lost, and all stays as it is for the next one. */
  suspend(): void {
    this.#ledger.suspend(this.#world.timers.now());
    this.outbox.leave(true);
  }

  /** The session goes on with a new connection; what the peer lacks goes out again. */
  resume(): void {
    this.outbox.replay();
    this.ackClock.readingChanged(false);
  }

  /** Nobody will ever know what became of that which is under way. */
  failUnderWay(error: Error): void {
    for (const frame of this.#ledger.reset(this.#world.timers.now())) frame.settle(error);
    this.outbox.discard();
    this.journal.reset();
  }

  /** The peer has this many of the counted frames. Returns whether that can be. */
  confirmed(count: bigint): boolean {
    if (!this.journal.confirm(count)) return false;
    this.#acksChanged(true);
    return true;
  }

  send(kind: MessageKind, payload: Payload, key: string | undefined): Promise<boolean> {
    const chain = this.#world.config.hooks.sending(kind);
    if (chain.length > 0 || this.#sendHooks?.busy) {
      this.#sendHooks ??= new SendHooks(this.outbox, this);
      return this.#sendHooks.send(kind, payload, chain, key);
    }
    let frame: FrameParts;
    try {
      frame = this.#world.frames.encode(kind, payload);
    } catch (error) {
      return rejected(error);
    }
    const message = new Message(kind, frame.bytes, true, key, this.expiry(kind), frame.body);
    this.outbox.message(message);
    return message.promise;
  }

  drained(signal: AbortSignal | undefined): Promise<void> {
    const waiter = new Deferred<void>();
    if (this.#drainWaiters === none) this.#drainWaiters = [waiter];
    else this.#drainWaiters.push(waiter);
    this.outbox.expectDrain();
    const stop = onAbort(signal, () => {
      this.#drainWaiters = this.#drainWaiters.filter((other) => other !== waiter);
      waiter.reject(signal?.reason);
    });
    waiter.promise.then(stop, stop);
    return waiter.promise;
  }

  /** Returns whether the number was outstanding. */
  acknowledged(number: number): boolean {
    const wasFull = this.#ledger.full || this.journal.full;
    const frame = this.#ledger.acknowledge(number, this.#world.timers.now());
    if (frame === null) return false;
    this.journal.acknowledged(frame);
    frame.settle(null);
    this.#acksChanged(wasFull);
    return true;
  }

  /** A tracked frame whose acknowledgement does not matter any more. */
  forget(frame: OutFrame): void {
    this.#ledger.forget(frame);
  }

  /** A message arrived, or the peer's BYE; `plaintext` marks one that came in the clear although encryption was asked for. */
  arrived(kind: MessageKind | "bye", payload: Payload, number: number, plaintext?: true): void {
    this.#world.traffic.messages++;
    this.#inbox.push({ kind, payload, number, connection: this.#connection, plaintext });
  }

  /** Calls back once everything that arrived was delivered. */
  whenDelivered(run: () => void): void {
    this.#inbox.whenIdle(run);
  }

  /**
   * The connection is lost: unacknowledged messages go out again first on the next one, unless the peer took offence at them
   * for the second time in a row (rules 4). Ends that agreed to resume never take a message twice: there they
   * fail, unless the peer said before it closed which of them it has.
   */
  keepForNext(refused: boolean, code: number, reason: string): void {
    const { journal } = this;
    if (journal.keeps && !journal.closed) {
      this.failUnderWay(new ResumeFailedError("the connection was cut before the session could be resumed"));
      return;
    }
    const again: Message[] = [];
    const missing = journal.closed ? new Set(journal.unconfirmed) : null;
    for (const frame of this.#ledger.reset(this.#world.timers.now())) {
      if (!(frame instanceof Message)) {
        frame.settle(new ConnectionLostError("a frame"));
        continue;
      }
      if (missing?.has(frame) === false) {
        frame.settle(null);
        continue;
      }
      frame.refusals = refused ? frame.refusals + 1 : 0;
      if (frame.refusals < 2) again.push(frame);
      else frame.settle(new SessionClosedError(code, reason));
    }
    this.outbox.resend(again);
  }

  /** No message that was not acknowledged yet ever will be. */
  failAll(error: Error): void {
    for (const frame of this.#ledger.reset(this.#world.timers.now())) frame.settle(error);
    this.journal.reset();
    this.failQueued(error);
  }

  /** No message that did not leave yet ever will. */
  failQueued(error: Error): void {
    for (const message of this.outbox.clear()) message.settle(error);
  }

  /** Nobody needs to wait for sending any more. */
  failWaiters(error: Error): void {
    for (const waiter of this.#drainWaiters) waiter.reject(error);
    this.#drainWaiters = none;
  }

  // ---- what the parts tell

  handedOver(frame: OutFrame): void {
    this.#world.traffic.sent(frame);
    if (this.journal.overdue) this.#world.overwhelmed("unread");
  }

  dropped(message: Message, reason: DropReason, detail: string): void {
    this.#world.traffic.droppedFrames++;
    message.settle(new DroppedError(reason, detail));
    this.#world.config.events.dropped(reason, message.kind);
  }

  congested(): void {
    this.#world.overwhelmed("unread");
  }

  drain(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = none;
    for (const waiter of waiters) waiter.resolve();
    this.#world.config.events.drain();
  }

  acksExpired(): void {
    this.#acksChanged(true);
  }

  get hooks(): Hooks {
    return this.#world.config.hooks;
  }

  get timers(): Timers {
    return this.#world.timers;
  }

  get timeoutMs(): number {
    return this.#world.config.settings.hookTimeoutMs;
  }

  failed(extension: string, error: Error): void {
    this.#world.hookFailed(extension, error);
  }

  encode(kind: MessageKind, payload: Payload): FrameParts {
    return this.#world.frames.encode(kind, payload);
  }

  expiry(kind: MessageKind): "reject" | "unawaited" {
    return this.#world.frames.acknowledges(kind) ? "reject" : "unawaited";
  }

  hooksDone(): void {
    this.#world.progress();
  }

  acknowledge(arrival: Arrival): void {
    const { frames } = this.#world;
    if (arrival.connection !== this.#connection || !frames.acknowledges(arrival.kind)) return;
    this.outbox.control(frames.ack(arrival.number));
  }

  deliver(arrival: Arrival, payload: Payload): void {
    if (arrival.kind !== "bye") this.#world.config.events.message(arrival.kind, payload, arrival.plaintext);
    else if (arrival.connection === this.#connection) this.#world.farewell(payload as string);
  }

  full(isFull: boolean): void {
    if (!isFull) this.#world.gate.release("inbox");
    else if (!this.#world.gate.hold("inbox")) this.#world.overwhelmed("arrivals");
  }

  #acksChanged(wasFull: boolean): void {
    this.outbox.acksChanged(wasFull);
    this.#world.progress();
  }
}
