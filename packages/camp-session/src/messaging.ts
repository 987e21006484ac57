import { AckClock } from "./ack-clock.js";
import type { BufferBudget } from "./budget.js";
import { Deferred, onAbort, rejected } from "./deferred.js";
import { ConnectionLostError, DroppedError, SessionClosedError } from "./errors.js";
import type { SessionEvents } from "./events.js";
import type { Hooks, MessageKind, Payload } from "./hooks.js";
import { type Arrival, Inbox } from "./inbox.js";
import { Ledger } from "./ledger.js";
import type { SessionSettings } from "./limits.js";
import { Message, type OutFrame } from "./out-frame.js";
import { Outbox } from "./outbox.js";
import type { ReadGate } from "./read-gate.js";
import { SendHooks } from "./send-hooks.js";
import type { Timers } from "./timers.js";
import type { Traffic } from "./traffic.js";

/** The frames that messages are made of, in whatever dialect. */
export interface MessageFrames {
  /** The frame of a message, its number left open. Throws `PayloadTooLargeError`. */
  encode(kind: MessageKind, payload: Payload): Uint8Array;
  /** Writes the ack number of a tracked frame. */
  stamp(frame: Uint8Array, number: number): void;
  ack(number: number): OutFrame;
}

/** What messages need of their session. */
export interface MessagingWorld {
  readonly settings: SessionSettings;
  readonly timers: Timers;
  readonly traffic: Traffic;
  readonly gate: ReadGate;
  readonly events: SessionEvents;
  readonly hooks: Hooks;
  readonly frames: MessageFrames;
  readonly budget: BufferBudget | undefined;
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
export class Messaging {
  readonly outbox: Outbox;
  readonly ackClock: AckClock;
  readonly #world: MessagingWorld;
  readonly #ledger: Ledger;
  readonly #inbox: Inbox;
  readonly #sendHooks: SendHooks;
  readonly #drainWaiters = new Set<Deferred<void>>();
  /** Counts connections, so that what arrived on an old one is not acknowledged on the next. */
  #connection = 0;

  constructor(world: MessagingWorld) {
    const { settings, timers, frames, events } = world;
    const { highWaterMark, maxQueuedBytes } = settings.backpressure;
    this.#world = world;
    this.#ledger = new Ledger(
      (frame, number) => frames.stamp(frame, number),
      () => highWaterMark + maxQueuedBytes,
    );
    this.ackClock = new AckClock(this.#ledger, timers, settings.ackTimeoutMs, () => this.#acksChanged(true));
    this.outbox = new Outbox(this.#ledger, timers, settings.backpressure, world.budget, {
      handedOver: (frame) => world.traffic.sent(frame.bytes),
      dropped: (message, reason, detail) => {
        world.traffic.droppedFrames++;
        message.settle(new DroppedError(reason, detail));
        events.dropped(reason, message.kind);
      },
      congested: () => world.overwhelmed("unread"),
      drain: () => this.#drained(),
    });
    const hookWorld = {
      timers,
      timeoutMs: settings.hookTimeoutMs,
      failed: (extension: string, error: Error) => world.hookFailed(extension, error),
    };
    this.#inbox = new Inbox({
      ...hookWorld,
      hooks: world.hooks,
      acknowledge: (arrival) => {
        if (arrival.connection === this.#connection) this.outbox.control(frames.ack(arrival.number));
      },
      deliver: (arrival, payload) => this.#deliver(arrival, payload),
      full: (isFull) => this.#inboxFull(isFull),
    });
    this.#sendHooks = new SendHooks(
      this.outbox,
      hookWorld,
      (kind, payload) => frames.encode(kind, payload),
      () => world.progress(),
    );
  }

  get rttMs(): number | null {
    return this.#ledger.rttMs;
  }

  get unackedFrames(): number {
    return this.#ledger.unackedFrames;
  }

  /** Whether every message has left and was acknowledged. */
  get quiet(): boolean {
    return this.outbox.empty && this.#ledger.unackedMessages === 0;
  }

  /** A fresh connection begins. */
  connect(): void {
    this.#connection++;
  }

  send(kind: MessageKind, payload: Payload, key: string | undefined): Promise<boolean> {
    const chain = this.#world.hooks.sending(kind);
    if (chain.length > 0 || this.#sendHooks.busy) return this.#sendHooks.send(kind, payload, chain, key);
    let bytes: Uint8Array;
    try {
      bytes = this.#world.frames.encode(kind, payload);
    } catch (error) {
      return rejected(error);
    }
    const message = new Message(kind, bytes, true, key);
    this.outbox.message(message);
    return message.promise;
  }

  drained(signal: AbortSignal | undefined): Promise<void> {
    const waiter = new Deferred<void>();
    this.#drainWaiters.add(waiter);
    this.outbox.expectDrain();
    const stop = onAbort(signal, () => {
      this.#drainWaiters.delete(waiter);
      waiter.reject(signal?.reason);
    });
    waiter.promise.then(stop, stop);
    return waiter.promise;
  }

  /** Returns whether the number was outstanding. */
  acknowledged(number: number): boolean {
    const wasFull = this.#ledger.full;
    const frame = this.#ledger.acknowledge(number, this.#world.timers.now());
    if (frame === null) return false;
    frame.settle(null);
    this.#acksChanged(wasFull);
    return true;
  }

  /** A tracked frame whose acknowledgement does not matter any more. */
  forget(frame: OutFrame): void {
    this.#ledger.forget(frame);
  }

  /** A message arrived, or the peer's BYE. */
  arrived(kind: MessageKind | "bye", payload: Payload, number: number): void {
    this.#inbox.push({ kind, payload, number, connection: this.#connection });
  }

  /** Calls back once everything that arrived was delivered. */
  whenDelivered(run: () => void): void {
    this.#inbox.whenIdle(run);
  }

  /**
   * The connection is lost: unacknowledged messages go out again first on the next one, unless the peer took offence at them
   * for the second time in a row (rules 4).
   */
  keepForNext(refused: boolean, code: number, reason: string): void {
    const again: Message[] = [];
    for (const frame of this.#ledger.reset(this.#world.timers.now())) {
      if (!(frame instanceof Message)) {
        frame.settle(new ConnectionLostError("a frame"));
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
    for (const message of this.outbox.clear()) message.settle(error);
  }

  /** Nobody needs to wait for sending any more. */
  failWaiters(error: Error): void {
    for (const waiter of this.#drainWaiters) waiter.reject(error);
    this.#drainWaiters.clear();
  }

  #acksChanged(wasFull: boolean): void {
    this.outbox.acksChanged(wasFull);
    this.#world.progress();
  }

  #drained(): void {
    const waiters = [...this.#drainWaiters];
    this.#drainWaiters.clear();
    for (const waiter of waiters) waiter.resolve();
    this.#world.events.drain();
  }

  #inboxFull(isFull: boolean): void {
    if (!isFull) this.#world.gate.release("inbox");
    else if (!this.#world.gate.hold("inbox")) this.#world.overwhelmed("arrivals");
  }

  #deliver(arrival: Arrival, payload: Payload): void {
    if (arrival.kind !== "bye") this.#world.events.message(arrival.kind, payload);
    else if (arrival.connection === this.#connection) this.#world.farewell(payload as string);
  }
}
