import type { BufferBudget } from "./budget.js";
import { ConnectionLostError } from "./errors.js";
import type { DropReason } from "./events.js";
import { Fifo } from "./fifo.js";
import type { Ledger } from "./ledger.js";
import {
  type Backpressure,
  controlBytesMax,
  KIB,
  MIB,
  messageRunBytes,
  streamBytesPerTurn,
  streamLowMark,
  unackedFramesMax,
} from "./limits.js";
import { MessageQueue, type QueueOwner } from "./message-queue.js";
import type { Message, OutFrame } from "./out-frame.js";
import type { FrameSource, Gate, OutboxEvents } from "./outbox-events.js";
import type { Timers } from "./timers.js";
import type { Transport } from "./transport.js";

/**
 * Everything on its way to the transport: control frames first, then messages, then stream chunks, which enter the socket only
 * up to a low mark so that no message waits behind them (rules 8). What the socket takes at once is never queued.
 */
export class Outbox implements QueueOwner {
  readonly #ledger: Ledger;
  readonly #timers: Timers;
  readonly #backpressure: Backpressure;
  readonly #budget: BufferBudget | undefined;
  readonly #events: OutboxEvents;
  readonly #queue: MessageQueue;

  #transport: Transport | null = null;
  #gate: Gate = "shut";
  #blocked = false;
  #pumping = false;
  /** Whether a sender was made to wait and is owed a `drain`. */
  #waited = false;

  readonly #control = new Fifo<OutFrame>();
  /** Control frames that want a number while too many are unacknowledged. */
  readonly #numberless = new Fifo<OutFrame>();
  #controlBytes = 0;
  /** Messages of a lost connection, which go out before all others and are never dropped. */
  #again: Message[] = [];
  #streams: FrameSource[] = [];
  #bye: OutFrame | null = null;

  /** Bytes that the transport adds to each frame, so that positions in the stream of bytes stay exact. */
  overheadBytes = 0;
  #handedBytes = 0;
  #messageRun = 0;
  /** Chunks that the streams may send although messages wait or the socket is above the low mark. */
  #owedChunks = 0;
  #turnBytes = 0;
  #turnAsked = false;
  #budgetedBytes = 0;

  constructor(
    ledger: Ledger,
    timers: Timers,
    backpressure: Backpressure,
    budget: BufferBudget | undefined,
    events: OutboxEvents,
  ) {
    this.#ledger = ledger;
    this.#timers = timers;
    this.#backpressure = backpressure;
    this.#budget = budget;
    this.#events = events;
    this.#queue = new MessageQueue(this);
  }

  get queuedFrames(): number {
    return this.#queue.frames + this.#again.length;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  get bufferedBytes(): number {
    return this.#transport?.bufferedBytes ?? 0;
  }

  /** Bytes kept in memory for the peer: what waits here, and what it has not acknowledged. */
  get heldBytes(): number {
    return this.#heldBytes(this.bufferedBytes);
  }

  /** Bytes handed over on this connection that have left the transport. */
  get flushedBytes(): number {
    return this.#handedBytes - this.bufferedBytes;
  }

  /** Whether a message sent now would leave at once. */
  get canSend(): boolean {
    return this.#mayLeave("messages") && this.#queue.frames === 0 && this.#again.length === 0 && !this.#ledger.full;
  }

  /** Whether no message waits here any more. */
  get empty(): boolean {
    return this.#queue.frames === 0 && this.#again.length === 0;
  }

  get firstPending(): Message | null {
    return this.#queue.firstPending;
  }

  /** A fresh connection: control frames may leave. */
  attach(transport: Transport): void {
    this.#transport = transport;
    this.#gate = "control";
    this.#blocked = false;
    this.overheadBytes = 0;
    this.#handedBytes = 0;
    this.#messageRun = 0;
    this.#turnBytes = 0;
  }

  /** Nothing beyond this class may leave until `release`. */
  confine(gate: "handshake" | "control"): void {
    this.#gate = gate;
  }

  /** Hands over a frame of the handshake, past everything that waits. */
  introduce(frame: OutFrame): void {
    this.#handOver(frame);
  }

  /** A further class of frames may leave. */
  release(gate: "messages" | "streams"): void {
    this.#gate = gate;
    this.#run();
  }

  /** The connection is gone. Control frames and streams go with it, messages stay. */
  detach(): void {
    this.#transport = null;
    this.#gate = "shut";
    for (const queue of [this.#control, this.#numberless]) {
      for (const frame of queue.drain()) frame.settle(new ConnectionLostError("a frame"));
    }
    this.#controlBytes = 0;
    this.#streams = [];
    this.#bye = null;
    this.#account();
  }

  control(frame: OutFrame): void {
    if (this.#transport === null) {
      frame.settle(new ConnectionLostError("a frame"));
      return;
    }
    const numberless = frame.tracked && this.#ledger.unackedFrames >= unackedFramesMax;
    if (!this.#blocked && !numberless && this.#gate !== "handshake") {
      this.#handOver(frame);
      return;
    }
    (numberless ? this.#numberless : this.#control).push(frame);
    this.#controlBytes += frame.bytes.byteLength;
    this.#account();
    if (this.#controlBytes > controlBytesMax) this.#events.congested();
  }

  message(message: Message): void {
    if (message.pending === null && this.canSend) {
      this.#sendMessage(message);
      if (this.#owedChunks > 0) this.pump();
      return;
    }
    this.#waited = true;
    this.#queue.push(message);
    this.#account();
  }

  /** A message that waited for its hooks is encoded and may leave. */
  encoded(message: Message, bytes: Uint8Array): void {
    this.#queue.encoded(message, bytes);
    this.pump();
  }

  /** Takes a waiting message out. */
  remove(message: Message): void {
    this.#queue.remove(message);
    this.pump();
  }

  /** Messages of a lost connection, in order, to be sent before everything else on the next one. */
  resend(messages: Message[]): void {
    this.#again = [...messages, ...this.#again];
    this.#waited ||= messages.length > 0;
  }

  /** A stream has frames again. */
  streamReady(stream: FrameSource): void {
    if (!this.#streams.includes(stream)) this.#streams.push(stream);
    if (!this.#pumping) this.pump();
  }

  streamGone(stream: FrameSource): void {
    const index = this.#streams.indexOf(stream);
    if (index >= 0) this.#streams.splice(index, 1);
  }

  /** The last frame: leaves when everything else has. */
  bye(frame: OutFrame): void {
    this.#bye = frame;
    this.#streams = [];
    this.pump();
  }

  /** The transport's buffer shrank. */
  writable(): void {
    if (this.#transport === null) return;
    if (this.#blocked && this.#transport.bufferedBytes < this.#lowMark()) this.#blocked = false;
    this.pump();
    this.#account();
  }

  /** Somebody waits for `drain`. */
  expectDrain(): void {
    this.#waited = true;
  }

  /** Frames were acknowledged or given up; `wasFull` tells whether the ledger held everything back before. */
  acksChanged(wasFull: boolean): void {
    if (wasFull || !this.empty) this.pump();
    this.#account();
  }

  /** Takes out every message. */
  clear(): Message[] {
    const messages = [...this.#again, ...this.#queue.clear()];
    this.#again = [];
    this.#account();
    return messages;
  }

  dropped(message: Message, reason: DropReason, detail: string): void {
    this.#events.dropped(message, reason, detail);
  }

  /** Hands over whatever may leave now, and tells those who waited when nothing has to wait any more. */
  pump(): void {
    if (this.#pumping) return;
    this.#run();
    if (this.#waited && this.canSend) {
      this.#waited = false;
      this.#events.drain();
    }
  }

  #run(): void {
    this.#pumping = true;
    while (this.#step()) {
      // each step hands over one frame
    }
    this.#pumping = false;
  }

  #step(): boolean {
    if (this.#transport === null || this.#blocked || this.#gate === "handshake") return false;
    const control = this.#control.shift() ?? this.#nextNumberless();
    if (control !== undefined) {
      this.#controlBytes -= control.bytes.byteLength;
      this.#handOver(control);
      return true;
    }
    const message = this.#nextMessage();
    if (message !== null && this.#owedChunks === 0) {
      this.#dequeue(message);
      return true;
    }
    if (this.#sendChunk()) return true;
    this.#owedChunks = 0;
    if (message !== null) {
      this.#dequeue(message);
      return true;
    }
    if (this.#bye === null || !this.empty) return false;
    const bye = this.#bye;
    this.#bye = null;
    this.#handOver(bye);
    this.#gate = "control";
    return true;
  }

  #nextNumberless(): OutFrame | undefined {
    return this.#ledger.unackedFrames < unackedFramesMax ? this.#numberless.shift() : undefined;
  }

  #nextMessage(): Message | null {
    if (!this.#mayLeave("messages") || this.#ledger.full) return null;
    const message = this.#again[0] ?? this.#queue.first;
    return message === null || message.pending !== null ? null : message;
  }

  #dequeue(message: Message): void {
    if (this.#again[0] === message) this.#again.shift();
    else this.#queue.remove(message);
    this.#sendMessage(message);
  }

  #sendMessage(message: Message): void {
    this.#handOver(message);
    this.#waited ||= this.#ledger.full;
    this.#messageRun += message.bytes.byteLength;
    if (this.#messageRun >= messageRunBytes && this.#streams.length > 0) {
      this.#messageRun = 0;
      this.#owedChunks = this.#streams.length;
    }
  }

  #sendChunk(): boolean {
    if (this.#gate !== "streams" || this.#ledger.full || !this.#roomForChunk()) return false;
    for (let stream = this.#streams.shift(); stream !== undefined; stream = this.#streams.shift()) {
      const frame = stream.nextFrame();
      if (frame === null) {
        this.#owedChunks = Math.min(this.#owedChunks, this.#streams.length);
        continue;
      }
      this.#streams.push(stream);
      this.#handOver(frame);
      this.#messageRun = 0;
      if (this.#owedChunks > 0) this.#owedChunks--;
      this.#turnBytes += frame.byteLength;
      return true;
    }
    return false;
  }

  #roomForChunk(): boolean {
    if (this.#streams.length === 0) return false;
    if (this.#turnBytes >= streamBytesPerTurn) {
      this.#askForTurn();
      return false;
    }
    return this.#owedChunks > 0 || this.bufferedBytes < streamLowMark;
  }

  /** The next turn of the event loop comes with new bytes to spend. */
  #askForTurn(): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    this.#timers.after(0, () => {
      this.#turnAsked = false;
      this.#turnBytes = 0;
      this.pump();
    });
  }

  #handOver(frame: OutFrame): void {
    const transport = this.#transport!;
    this.#handedBytes += frame.byteLength + this.overheadBytes;
    if (frame.tracked) this.#ledger.add(frame, this.#timers.now(), this.#handedBytes);
    transport.send(frame.bytes, frame.body);
    const { bufferedBytes } = transport;
    if (bufferedBytes >= this.#highMark()) {
      this.#blocked = true;
      this.#waited = true;
    }
    if (this.#budget !== undefined) this.#account(bufferedBytes);
    this.#events.handedOver(frame);
    if (frame.expiry === "unawaited") frame.settle(null);
  }

  #mayLeave(what: "messages"): boolean {
    return this.#transport !== null && !this.#blocked && (this.#gate === what || this.#gate === "streams");
  }

  /** While the server as a whole holds too much, each session makes do with less (rules 26). */
  #highMark(): number {
    return this.#budget?.exceeded ? Math.min(MIB, this.#backpressure.highWaterMark) : this.#backpressure.highWaterMark;
  }

  #lowMark(): number {
    return Math.min(this.#backpressure.lowWaterMark, this.#highMark());
  }

  limits(): Backpressure {
    if (!this.#budget?.exceeded) return this.#backpressure;
    return { ...this.#backpressure, maxQueuedBytes: Math.min(256 * KIB, this.#backpressure.maxQueuedBytes) };
  }

  #heldBytes(bufferedBytes: number): number {
    return this.#queue.bytes + this.#controlBytes + Math.max(bufferedBytes, this.#ledger.unackedBytes);
  }

  /** Tells the server's budget what is held for this peer now. */
  #account(bufferedBytes = this.bufferedBytes): void {
    if (this.#budget === undefined) return;
    const heldBytes = this.#heldBytes(bufferedBytes);
    const delta = heldBytes - this.#budgetedBytes;
    this.#budgetedBytes = heldBytes;
    if (delta !== 0) this.#budget.add(delta);
  }
}
