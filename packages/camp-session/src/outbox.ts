import type { BufferBudget } from "./budget.js";
import { ChunkTurns, type ChunkTurnsOwner } from "./chunk-turns.js";
import { ControlQueue } from "./control-queue.js";
import { ConnectionLostError } from "./errors.js";
import type { DropReason } from "./events.js";
import { Fifo } from "./fifo.js";
import type { FrameParts } from "./join.js";
import type { Journal } from "./journal.js";
import type { Ledger } from "./ledger.js";
import { type Backpressure, controlBytesMax, KIB, MIB, unackedFramesMax } from "./limits.js";
import { MessageQueue, type QueueOwner } from "./message-queue.js";
import { none } from "./none.js";
import type { Message, OutFrame } from "./out-frame.js";
import type { FrameSource, Gate, OutboxEvents } from "./outbox-events.js";
import type { Timers } from "./timers.js";
import type { Transport } from "./transport.js";

/**
 * Everything on its way to the transport: control frames first, then messages, then stream chunks, which enter the socket only
 * up to a low mark so that no message waits behind them (rules 8). What the socket takes at once is never queued.
 */
export class Outbox implements QueueOwner, ChunkTurnsOwner {
  readonly #ledger: Ledger;
  readonly #journal: Journal;
  readonly #timers: Timers;
  readonly #backpressure: Backpressure;
  readonly #budget: BufferBudget | undefined;
  readonly #events: OutboxEvents;

  #transport: Transport | null = null;
  #gate: Gate = "shut";
  #blocked = false;
  #pumping = false;
  /** Whether a sender was made to wait and is owed a `drain`. */
  #waited = false;

  /** Made for the first frame of their kind that has to wait. */
  #control: ControlQueue | null = null;
  #queue: MessageQueue | null = null;
  /** What the peer lacks of the frames before a cut: it goes out before anything else, and waits only while all else does. */
  #replay: Fifo<OutFrame> | null = null;
  /** Messages of a lost connection, which go out before all others and are never dropped. */
  #again: Message[] = none;
  /** Made for the first stream. */
  #chunks: ChunkTurns | null = null;
  #bye: OutFrame | null = null;

  /** Bytes that the transport adds to each frame, so that positions in the stream of bytes stay exact. */
  overheadBytes = 0;
  #handedBytes = 0;
  #budgetedBytes = 0;

  constructor(
    ledger: Ledger,
    journal: Journal,
    timers: Timers,
    backpressure: Backpressure,
    budget: BufferBudget | undefined,
    events: OutboxEvents,
  ) {
    this.#ledger = ledger;
    this.#journal = journal;
    this.#timers = timers;
    this.#backpressure = backpressure;
    this.#budget = budget;
    this.#events = events;
  }

  get queuedFrames(): number {
    return (this.#queue?.frames ?? 0) + this.#again.length;
  }

  get queuedBytes(): number {
    return this.#queue?.bytes ?? 0;
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
    return this.#mayLeave("messages") && this.empty && !this.#full;
  }

  /** Whether no message waits here any more. */
  get empty(): boolean {
    return this.queuedFrames === 0 && (this.#replay === null || this.#replay.length === 0);
  }

  get firstPending(): Message | null {
    return this.#queue?.firstPending ?? null;
  }

  /** A fresh connection: control frames may leave, or only those of the handshake. */
  attach(transport: Transport, gate: "handshake" | "control"): void {
    this.#transport = transport;
    this.#gate = gate;
    this.#blocked = false;
    this.overheadBytes = 0;
    this.#handedBytes = 0;
    this.#chunks?.begin();
  }

  /** Nothing beyond this class may leave until `release`. */
  confine(gate: "handshake" | "control"): void {
    this.#gate = gate;
  }

  /** Hands over a frame of the handshake, past everything that waits. */
  introduce(frame: OutFrame): void {
    if (this.#transport !== null) this.#handOver(frame);
  }

  /** Numbers a frame that was handed over already, in another form. */
  adopt(frame: OutFrame): void {
    this.#ledger.add(frame, this.#timers.now(), this.#handedBytes);
  }

  /** The session goes on with this connection: what the peer lacks goes out first, then what waited. */
  replay(): void {
    this.#replay ??= new Fifo();
    for (const frame of this.#journal.unconfirmed) this.#replay.push(frame);
    this.release("messages");
  }

  /** A further class of frames may leave. */
  release(gate: "messages" | "streams"): void {
    this.#gate = gate;
    this.#run();
  }

  /** The connection is gone. Control frames and streams go with it unless the session is kept as it is; messages stay. */
  leave(kept: boolean): void {
    this.#transport = null;
    this.#gate = kept ? "held" : "shut";
    if (!kept) {
      this.discard();
      return;
    }
    this.#replay?.clear();
    for (const frame of this.#control?.drain() ?? none) {
      if (frame.counted) this.#control!.push(frame, false);
      else frame.settle(new ConnectionLostError("a frame"));
    }
    this.#account();
  }

  /** Control frames and streams are over. */
  discard(): void {
    for (const frame of this.#control?.drain() ?? none) frame.settle(new ConnectionLostError("a frame"));
    this.#replay?.clear();
    this.#chunks?.clear();
    this.#bye = null;
    this.#account();
  }

  control(frame: OutFrame): void {
    if (this.#gate === "shut" || (this.#gate === "held" && !frame.counted)) {
      frame.settle(new ConnectionLostError("a frame"));
      return;
    }
    const numberless = frame.tracked && this.#ledger.unackedFrames >= unackedFramesMax;
    if (!numberless && this.#mayLeave("control")) {
      this.#handOver(frame);
      return;
    }
    this.#control ??= new ControlQueue();
    this.#control.push(frame, numberless);
    this.#account();
    if (this.#control.bytes > controlBytesMax) this.#events.congested();
  }

  message(message: Message): void {
    if (message.pending === null && this.canSend) {
      this.#sendMessage(message);
      if (this.#chunks?.owed) this.pump();
      return;
    }
    this.#waited = true;
    this.#queue ??= new MessageQueue(this);
    this.#queue.push(message);
    this.#account();
  }

  /** A message that waited for its hooks is encoded and may leave. */
  encoded(message: Message, frame: FrameParts): void {
    this.#queue?.encoded(message, frame);
    this.pump();
  }

  /** Takes a waiting message out. */
  remove(message: Message): void {
    this.#queue?.remove(message);
    this.pump();
  }

  /** Messages of a lost connection, in order, to be sent before everything else on the next one. */
  resend(messages: Message[]): void {
    this.#again = [...messages, ...this.#again];
    this.#waited ||= messages.length > 0;
  }

  /** A stream has frames again. */
  streamReady(stream: FrameSource): void {
    this.#chunks ??= new ChunkTurns(this.#timers, this);
    this.#chunks.add(stream);
    if (!this.#pumping) this.pump();
  }

  streamGone(stream: FrameSource): void {
    this.#chunks?.remove(stream);
  }

  /** The last frame: leaves when everything else has. */
  bye(frame: OutFrame): void {
    this.#bye = frame;
    this.#chunks?.clear();
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
    const messages = [...this.#again, ...(this.#queue?.clear() ?? none)];
    this.#again = none;
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
    if (!this.#mayLeave("control")) return false;
    const again = this.#replay?.shift();
    if (again !== undefined) {
      this.#pass(again);
      return true;
    }
    const control = this.#control?.shift(this.#ledger.unackedFrames < unackedFramesMax);
    if (control !== undefined) {
      this.#handOver(control);
      return true;
    }
    const message = this.#nextMessage();
    if (message !== null && !this.#chunks?.owed) {
      this.#dequeue(message);
      return true;
    }
    const chunk = this.#nextChunk();
    if (chunk !== null) {
      this.#handOver(chunk);
      return true;
    }
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

  #nextMessage(): Message | null {
    if (!this.#mayLeave("messages") || this.#full) return null;
    const message = this.#again[0] ?? this.#queue?.first ?? null;
    return message === null || message.pending !== null ? null : message;
  }

  #dequeue(message: Message): void {
    if (this.#again[0] === message) this.#again.shift();
    else this.#queue?.remove(message);
    this.#sendMessage(message);
  }

  #sendMessage(message: Message): void {
    this.#handOver(message);
    this.#waited ||= this.#full;
    this.#chunks?.messageSent(message.byteLength);
  }

  #nextChunk(): OutFrame | null {
    if (this.#chunks === null || this.#gate !== "streams" || this.#full) return null;
    return this.#chunks.next(this.bufferedBytes);
  }

  #handOver(frame: OutFrame): void {
    if (frame.tracked) {
      const endPosition = this.#handedBytes + frame.byteLength + this.overheadBytes;
      this.#ledger.add(frame, this.#timers.now(), endPosition);
    }
    this.#journal.sent(frame);
    this.#pass(frame);
    if (frame.expiry === "unawaited") frame.settle(null);
  }

  /** Gives the transport a frame that has its number. */
  #pass(frame: OutFrame): void {
    const transport = this.#transport!;
    this.#handedBytes += frame.byteLength + this.overheadBytes;
    frame.endPosition = this.#handedBytes;
    transport.send(frame.bytes, frame.body);
    const { bufferedBytes } = transport;
    if (bufferedBytes >= this.#highMark()) {
      this.#blocked = true;
      this.#waited = true;
    }
    if (this.#budget !== undefined) this.#account(bufferedBytes);
    this.#events.handedOver(frame);
  }

  #mayLeave(what: "control" | "messages"): boolean {
    if (this.#transport === null || this.#blocked || this.#gate === "handshake") return false;
    return this.#gate !== "control" || what === "control";
  }

  /** Whether so much is under way that messages and chunks have to wait. */
  get #full(): boolean {
    return this.#ledger.full || this.#journal.full;
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
    const underWay = Math.max(bufferedBytes, this.#ledger.unackedBytes, this.#journal.bytes);
    return this.queuedBytes + (this.#control?.bytes ?? 0) + underWay;
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
