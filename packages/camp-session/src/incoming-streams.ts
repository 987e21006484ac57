import type { TxStartFrame } from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import { Deferred, onAbort, rejected } from "./deferred.js";
import { CampError, StreamCancelledError, StreamTimeoutError } from "./errors.js";
import { PullFlow, PushFlow } from "./flow-control.js";
import type { IncomingStream } from "./incoming-stream.js";
import { unclaimedBytesMax, unclaimedMs, unclaimedStreamsMax } from "./limits.js";
import { OutFrame, plainFrame, WatchedFrame } from "./out-frame.js";
import type { OutgoingWorld } from "./outgoing-streams.js";
import { type ReceiverWorld, type StreamHead, StreamReceiver } from "./stream-receiver.js";
import type { Timer, Timers } from "./timers.js";
import { UnreadGuard, type UnreadWorld } from "./unread-guard.js";

/** How to wait for a stream. */
export interface WaitForStreamOptions {
  /** How long to wait for the stream to begin, in milliseconds. Without it as long as the session lives. */
  readonly timeoutMs?: number;
  /** How long the stream may bring nothing although its reader waits, in milliseconds. */
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What incoming streams need of their session beyond what outgoing ones do. */
export interface IncomingWorld extends OutgoingWorld, UnreadWorld {
  readonly timers: Timers;
  violate(code: number, fault: string): void;
  /** A stream began that nobody waits for. */
  waiting(name: string, size: bigint | null): void;
  unclaimed(name: string, txId: number): void;
}

interface Waiter {
  readonly options: WaitForStreamOptions;
  readonly deferred: Deferred<IncomingStream>;
  stop(): void;
}

/** What is kept of a stream besides what its reader sees. */
interface Entry {
  readonly receiver: StreamReceiver;
  /** The number of its TX_START while the ACK is withheld (rules 19), else null. */
  withheld: number | null;
  unclaimedTimer: Timer | null;
}

/** The streams that the peer sends: handed to those who wait for their name in the order of arrival, the rest bounded (rules 23). */
export class IncomingStreams {
  readonly #world: IncomingWorld;
  readonly #unread: UnreadGuard;
  readonly #receiverWorld: ReceiverWorld;
  #entries = new Map<number, Entry>();
  #unclaimed: Entry[] = [];
  #waiters = new Map<string, Waiter[]>();

  constructor(world: IncomingWorld) {
    this.#world = world;
    this.#unread = new UnreadGuard(world);
    this.#receiverWorld = {
      taken: (receiver) => this.#unread.taken(receiver),
      discarded: (receiver) => this.#unread.remove(receiver),
      cancel: (receiver) => this.#cancel(receiver),
      done: (receiver) => this.#done(receiver),
    };
  }

  get open(): number {
    return this.#entries.size;
  }

  waitFor(name: string, options: WaitForStreamOptions): Promise<IncomingStream> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) return rejected(signal.reason);
    const entry = this.#unclaimed.find(({ receiver }) => receiver.name === name);
    if (entry !== undefined) return Promise.resolve(this.#claim(entry, options));
    const deferred = new Deferred<IncomingStream>();
    const giveUp = (error: unknown) => {
      this.#removeWaiter(name, waiter);
      waiter.stop();
      deferred.reject(error);
    };
    const timer =
      timeoutMs === undefined ? null : this.#world.timers.after(timeoutMs, () => giveUp(noStream(name, timeoutMs)));
    const stopListening = onAbort(signal, () => giveUp(signal?.reason));
    const waiter: Waiter = {
      options,
      deferred,
      stop: () => {
        timer?.cancel();
        stopListening();
      },
    };
    this.#waiters.set(name, [...(this.#waiters.get(name) ?? []), waiter]);
    return deferred.promise;
  }

  /** TX_START arrived. */
  start(frame: TxStartFrame): void {
    if (this.#entries.has(frame.txId)) {
      this.#world.violate(CloseCode.clientError, `stream ${frame.txId} is open already`);
      return;
    }
    const head: StreamHead = {
      txId: frame.txId,
      name: frame.name === "" ? "anonymous" : frame.name,
      size: frame.size < 0n ? null : frame.size,
      behaviour: frame.behaviour === 0 ? "push" : "pull",
    };
    if (this.#entries.size >= this.#world.maxStreams) {
      this.#acknowledge(frame.ack);
      this.#sendCancel(frame.txId);
      return;
    }
    const waiter = this.#waiters.get(head.name)?.[0];
    if (waiter === undefined && this.#unclaimed.length >= unclaimedStreamsMax) {
      this.#turnAway(head, frame.ack);
      return;
    }
    const entry: Entry = { receiver: this.#receiver(head), withheld: null, unclaimedTimer: null };
    this.#entries.set(head.txId, entry);
    if (waiter !== undefined || !this.#isPlainPush(head)) this.#acknowledge(frame.ack);
    else entry.withheld = frame.ack;
    if (waiter === undefined) this.#keepUnclaimed(entry);
    else {
      this.#removeWaiter(head.name, waiter);
      waiter.stop();
      waiter.deferred.resolve(this.#claim(entry, waiter.options));
    }
  }

  /** A chunk arrived. One that breaks its stream sends TX_CANCEL before a withheld ACK (rules 20). */
  chunk(txId: number, offset: bigint, bytes: Uint8Array): boolean {
    const entry = this.#entries.get(txId);
    if (entry === undefined) return false;
    const { receiver } = entry;
    receiver.chunk(offset, bytes);
    this.#acknowledgeStart(entry);
    if (receiver.state.at !== "open") return true;
    if (receiver.behaviour === "push") this.#unread.arrived(receiver, !this.#world.streamControl());
    if (!receiver.claimed && this.#unclaimedBytes() > unclaimedBytesMax) this.#giveUpUnclaimed(entry);
    return true;
  }

  /** TX_FINISH arrived; acknowledging it comes after this. */
  finish(txId: number): boolean {
    const entry = this.#entries.get(txId);
    if (entry === undefined) return false;
    entry.receiver.finish();
    this.#acknowledgeStart(entry);
    return true;
  }

  /** The sender gave the stream up. */
  abort(txId: number, error: (label: string) => Error): boolean {
    const receiver = this.#entries.get(txId)?.receiver;
    receiver?.end(error(receiver.label));
    return receiver !== undefined;
  }

  /** Asks for a range by hand; resolves when the peer acknowledged it (rules 22). */
  requestRange(stream: IncomingStream, start: bigint, end: bigint): Promise<void> {
    const receiver = this.#entries.get(stream.txId)?.receiver;
    if (receiver === undefined || receiver !== stream) {
      return rejected(new CampError("STREAM_ENDED", `stream ${stream.txId} has ended; nothing can be fetched from it`));
    }
    const { flow, size, label } = receiver;
    if (!(flow instanceof PullFlow)) {
      return rejected(
        new CampError("NOT_PULL", `${label} is a push stream; only pull streams can be asked for ranges`),
      );
    }
    if (start < 0n || start >= end || start >= size!) {
      return rejected(new RangeError(`range ${start}..${end} of ${label} is empty or outside its ${size} bytes`));
    }
    const deferred = new Deferred<void>();
    const fetch = this.#world.encoder.txFetch(receiver.txId, start, end);
    flow.ask(start, end);
    this.#world.outbox.control(
      new WatchedFrame(fetch, (error) => (error === null ? deferred.resolve() : deferred.reject(error))),
    );
    return deferred.promise;
  }

  /** The connection is gone: all open streams fail. Those who wait go on waiting, unless the session has ended. */
  fail(error: Error, ended: boolean): void {
    for (const { receiver } of [...this.#entries.values()]) receiver.end(error);
    this.#unread.clear();
    if (!ended) return;
    const waiters = [...this.#waiters.values()].flat();
    this.#waiters.clear();
    for (const waiter of waiters) {
      waiter.stop();
      waiter.deferred.reject(error);
    }
  }

  #receiver(head: StreamHead): StreamReceiver {
    const fetch = (start: bigint, end: bigint) => {
      this.#world.outbox.control(new OutFrame(this.#world.encoder.txFetch(head.txId, start, end), true, "forget"));
    };
    const grants = this.#world.streamControl() ? fetch : null;
    const now = () => this.#world.timers.now();
    const flow = head.behaviour === "pull" ? new PullFlow(head.size!, fetch) : new PushFlow(head.size, grants, now);
    return new StreamReceiver(head, flow, this.#receiverWorld);
  }

  /** Where the peer knows no credit, the ACK of TX_START is what holds a push stream back until somebody wants it. */
  #isPlainPush(head: StreamHead): boolean {
    return head.behaviour === "push" && !this.#world.streamControl();
  }

  #claim(entry: Entry, { idleTimeoutMs }: WaitForStreamOptions): IncomingStream {
    const { receiver } = entry;
    receiver.claimed = true;
    entry.unclaimedTimer?.cancel();
    this.#unclaimed = this.#unclaimed.filter((other) => other !== entry);
    this.#acknowledgeStart(entry);
    if (idleTimeoutMs !== undefined) this.#watchIdle(receiver, idleTimeoutMs);
    return receiver;
  }

  #keepUnclaimed(entry: Entry): void {
    this.#unclaimed.push(entry);
    entry.unclaimedTimer = this.#world.timers.after(unclaimedMs, () => this.#giveUpUnclaimed(entry));
    this.#world.waiting(entry.receiver.name, entry.receiver.size);
  }

  /** Too many wait already. Nothing is made for this one, so that a flood of them costs little. */
  #turnAway(head: StreamHead, number: number): void {
    const { txId, name } = head;
    if (!this.#isPlainPush(head)) this.#acknowledge(number);
    this.#sendCancel(txId);
    if (this.#isPlainPush(head)) this.#acknowledge(number);
    this.#world.unclaimed(name, txId);
  }

  #giveUpUnclaimed(entry: Entry): void {
    const { receiver } = entry;
    receiver.fail(new StreamCancelledError(receiver.label, "nobody waited for it"));
    this.#acknowledgeStart(entry);
    this.#unclaimed = this.#unclaimed.filter((other) => other !== entry);
    this.#world.unclaimed(receiver.name, receiver.txId);
  }

  #unclaimedBytes(): number {
    return this.#unclaimed.reduce((sum, { receiver }) => sum + receiver.unreadBytes, 0);
  }

  /** Fails a stream that brought nothing for so long although everything that came was read. */
  #watchIdle(receiver: StreamReceiver, idleTimeoutMs: number): void {
    let seen = receiver.receivedBytes;
    const look = (): void => {
      if (receiver.state.at !== "open" || receiver.finished) return;
      if (receiver.receivedBytes === seen && receiver.unreadBytes === 0) {
        receiver.fail(new StreamTimeoutError(`${receiver.label} brought nothing`, idleTimeoutMs));
        return;
      }
      seen = receiver.receivedBytes;
      this.#world.timers.after(idleTimeoutMs, look);
    };
    this.#world.timers.after(idleTimeoutMs, look);
  }

  #acknowledgeStart(entry: Entry): void {
    if (entry.withheld === null) return;
    const number = entry.withheld;
    entry.withheld = null;
    this.#acknowledge(number);
  }

  #acknowledge(number: number): void {
    this.#world.outbox.control(plainFrame(this.#world.encoder.ack(number)));
  }

  #cancel(receiver: StreamReceiver): void {
    this.#sendCancel(receiver.txId);
    const entry = this.#entries.get(receiver.txId);
    if (entry !== undefined) this.#acknowledgeStart(entry);
  }

  #sendCancel(txId: number): void {
    this.#world.outbox.control(new OutFrame(this.#world.encoder.txCancel(txId), true, "forget"));
  }

  /** No frame of the stream is expected any more. A finished stream nobody asked for yet stays to be claimed. */
  #done(receiver: StreamReceiver): void {
    const entry = this.#entries.get(receiver.txId);
    if (entry === undefined || entry.receiver !== receiver) return;
    this.#entries.delete(receiver.txId);
    if (receiver.state.at !== "failed") return;
    entry.unclaimedTimer?.cancel();
    this.#unclaimed = this.#unclaimed.filter((other) => other !== entry);
  }

  #removeWaiter(name: string, waiter: Waiter): void {
    const rest = (this.#waiters.get(name) ?? []).filter((other) => other !== waiter);
    if (rest.length === 0) this.#waiters.delete(name);
    else this.#waiters.set(name, rest);
  }
}

function noStream(name: string, timeoutMs: number): StreamTimeoutError {
  return new StreamTimeoutError(`no stream "${name}" began`, timeoutMs);
}
