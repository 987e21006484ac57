import { Fifo } from "./fifo.js";
import { FrameWindow } from "./frame-window.js";
import { unackedFramesMax } from "./limits.js";
import { Message, type OutFrame } from "./out-frame.js";

/** How much the newest sample counts in the round-trip average. */
const rttWeight = 0.2;

/** Knows where a frame carries its ack number. */
export interface NumberWriter {
  stamp(frame: Uint8Array, number: number): void;
}

/**
 * The frames that were handed over and not acknowledged yet, by number. It writes the number at hand-over, so the wire runs
 * 0, 1, 2, … whatever was dropped or reordered before, and it keeps the ack clock (rules 9): a frame's time starts when its
 * last byte has left, and stands still while the session is disconnected or has paused reading.
 */
export class Ledger {
  readonly #frames: NumberWriter;
  readonly #unackedBytesMax: number;
  /** Frames with an ack timeout: what lies here moves on within that time. */
  readonly #timed = new FrameWindow();
  /** Frames that may wait for their ACK as long as the peer likes, such as the start of a stream nobody wants yet. */
  #untimed: Map<number, OutFrame> | null = null;
  /** Timed frames whose last byte has not left yet, oldest first. */
  readonly #unflushed = new Fifo<OutFrame>();
  #next = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;
  #unackedMessages = 0;
  #rttMs: number | null = null;
  #stoppedMs = 0;
  #stoppedAt = -1;

  constructor(frames: NumberWriter, unackedBytesMax: number) {
    this.#frames = frames;
    this.#unackedBytesMax = unackedBytesMax;
  }

  get unackedFrames(): number {
    return this.#unackedFrames;
  }

  get unackedBytes(): number {
    return this.#unackedBytes;
  }

  get unackedMessages(): number {
    return this.#unackedMessages;
  }

  get rttMs(): number | null {
    return this.#rttMs;
  }

  /** Whether nothing more may be handed over until something is acknowledged. */
  get full(): boolean {
    return this.#unackedFrames >= unackedFramesMax || this.#timed.full || this.#unackedBytes >= this.#unackedBytesMax;
  }

  /** Numbers a tracked frame that is being handed over and ends at `endPosition` of the bytes sent. */
  add(frame: OutFrame, now: number, endPosition: number): void {
    const number = this.#next;
    this.#next = (number + 1) >>> 0;
    this.#frames.stamp(frame.bytes, number);
    frame.number = number;
    frame.sentAt = now;
    frame.endPosition = endPosition;
    frame.flushedAt = -1;
    if (frame.expiry === "unawaited") {
      this.#timed.push(null);
      return;
    }
    this.#timed.push(frame.expiry === "never" ? null : frame);
    if (frame.expiry === "never") {
      this.#untimed ??= new Map();
      this.#untimed.set(number, frame);
    }
    this.#unackedFrames++;
    this.#unackedBytes += frame.byteLength;
    if (frame instanceof Message) this.#unackedMessages++;
    if (frame.expiry !== "never") this.#unflushed.push(frame);
  }

  /** The frame that the number stood for, or null when none is outstanding under it. */
  acknowledge(number: number, now: number): OutFrame | null {
    const frame = this.#find(number);
    if (frame === null) return null;
    this.#remove(frame);
    if (frame.expiry === "reject") {
      const sample = now - frame.sentAt;
      this.#rttMs = this.#rttMs === null ? sample : this.#rttMs + rttWeight * (sample - this.#rttMs);
    }
    return frame;
  }

  /** A frame whose acknowledgement nobody waits for any more. */
  forget(frame: OutFrame): void {
    if (this.#find(frame.number) === frame) this.#remove(frame);
  }

  /** All bytes up to `position` have left. Returns whether an ack clock started. */
  flushedTo(position: number, now: number): boolean {
    let started = false;
    for (let frame = this.#unflushed.first; frame && frame.endPosition <= position; frame = this.#unflushed.first) {
      frame.flushedAt = this.#time(now);
      this.#unflushed.shift();
      started = true;
    }
    return started;
  }

  /** When the next frame is overdue, unless the clock stands still. */
  deadline(ackTimeoutMs: number): number {
    const { oldest } = this.#timed;
    if (this.#stoppedAt >= 0 || oldest === null || oldest.flushedAt < 0) return Number.POSITIVE_INFINITY;
    return this.#deadlineOf(oldest, ackTimeoutMs);
  }

  /** Takes out the frames that are overdue. */
  expire(ackTimeoutMs: number, now: number): OutFrame[] {
    const overdue: OutFrame[] = [];
    if (this.#stoppedAt >= 0) return overdue;
    for (const frame of this.#timed) {
      if (frame.flushedAt < 0) break;
      if (this.#deadlineOf(frame, ackTimeoutMs) <= now) overdue.push(frame);
    }
    for (const frame of overdue) this.#remove(frame);
    return overdue;
  }

  /** The ack clock stands still from now on. */
  stopClock(now: number): void {
    if (this.#stoppedAt < 0) this.#stoppedAt = now;
  }

  startClock(now: number): void {
    if (this.#stoppedAt < 0) return;
    this.#stoppedMs += now - this.#stoppedAt;
    this.#stoppedAt = -1;
  }

  /** The connection is gone, the session goes on with another: frames that did not leave are not heard of any more. */
  suspend(now: number): void {
    this.stopClock(now);
    for (const frame of this.#unflushed.items) frame.endPosition = Number.POSITIVE_INFINITY;
  }

  /** The connection is gone: takes out everything, in the order of the numbers, which start from 0 again. */
  reset(now: number): OutFrame[] {
    const frames = this.#timed.drain();
    for (const frame of this.#untimed?.values() ?? []) frames.push(frame);
    const time = this.#time(now);
    for (const frame of frames) {
      // Only messages are sent again.
      if (frame instanceof Message && frame.flushedAt >= 0) frame.waitedMs += time - frame.flushedAt;
    }
    this.#untimed = null;
    this.#unackedFrames = 0;
    this.#unflushed.clear();
    this.#next = 0;
    this.#unackedBytes = 0;
    this.#unackedMessages = 0;
    this.#stoppedMs = 0;
    this.#stoppedAt = -1;
    return frames;
  }

  #find(number: number): OutFrame | null {
    return this.#timed.get(number) ?? this.#untimed?.get(number) ?? null;
  }

  #deadlineOf(frame: OutFrame, ackTimeoutMs: number): number {
    return frame.flushedAt + ackTimeoutMs - frame.waitedMs + this.#stoppedMs;
  }

  #time(now: number): number {
    return (this.#stoppedAt < 0 ? now : this.#stoppedAt) - this.#stoppedMs;
  }

  #remove(frame: OutFrame): void {
    if (frame.expiry !== "never") this.#timed.delete(frame.number);
    else if (this.#untimed?.delete(frame.number) && this.#untimed.size === 0) this.#untimed = null;
    this.#unackedFrames--;
    this.#unackedBytes -= frame.byteLength;
    if (frame instanceof Message) this.#unackedMessages--;
  }
}
