import { Fifo } from "./fifo.js";
import { journalFramesMax, receiptBytes, receiptFrames, unackedFramesMax } from "./limits.js";
import type { OutFrame } from "./out-frame.js";

/**
 * The frames of a session as both ends count them, over all its connections: how many came, and those sent that the peer is
 * not known to have, in the order of the wire. After a cut each end tells how many came; from there on everything is sent
 * again as it was, so that what lies above notices nothing: neither the ledger nor a stream knows of the cut.
 */
export class Journal {
  readonly #bytesMax: number;
  readonly #unconfirmed = new Fifo<OutFrame>();
  /** Whether what is sent is kept until it is confirmed. */
  keeps = false;
  /** The peer ended the session and said last what it has: what it did not confirm, it never took. */
  closed = false;
  #sent = 0;
  #confirmed = 0;
  #bytes = 0;
  #received = 0;
  #reported = 0;
  #unreportedBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Counted frames that came. */
  get received(): number {
    return this.#received;
  }

  /** Bytes kept to be sent again. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so much is kept that no more messages and chunks may be handed over. */
  get full(): boolean {
    return this.#bytes >= this.#bytesMax || this.#unconfirmed.length >= unackedFramesMax;
  }

  /** Whether more acknowledgements are kept than a peer that confirms at all can owe. */
  get overdue(): boolean {
    return this.#unconfirmed.length > journalFramesMax;
  }

  /** Whether the peer should hear of what came: it keeps all of it. */
  get receiptDue(): boolean {
    return this.keeps && (this.#received - this.#reported >= receiptFrames || this.#unreportedBytes >= receiptBytes);
  }

  /** Whether anything came that the peer has not heard of. */
  get unreported(): boolean {
    return this.keeps && this.#received > this.#reported;
  }

  /** Both ends agreed to resume: from now on what is sent is kept until it is confirmed. */
  keep(): void {
    this.keeps = true;
    this.#confirmed = this.#sent;
  }

  sent(frame: OutFrame): void {
    if (!frame.counted) return;
    frame.position = ++this.#sent;
    if (!this.keeps) return;
    this.#unconfirmed.push(frame);
    this.#bytes += frame.byteLength;
  }

  arrived(bytes: number): void {
    this.#received++;
    this.#unreportedBytes += bytes;
  }

  /** Frames that count went both ways before it was clear that they do. */
  catchUp(sent: number, received: number): void {
    this.#sent += sent;
    this.#received += received;
  }

  /** The number to tell the peer, which then knows it. */
  report(): number {
    this.#reported = this.#received;
    this.#unreportedBytes = 0;
    return this.#received;
  }

  /** The peer has this many frames. Returns whether that can be. */
  confirm(count: bigint): boolean {
    if (count < BigInt(this.#confirmed) || count > BigInt(this.#sent)) return false;
    this.#forget(Number(count));
    return true;
  }

  /** The peer acknowledged this frame, so it has all that was sent before. */
  acknowledged(frame: OutFrame): void {
    if (this.keeps && frame.counted) this.#forget(frame.position);
  }

  #forget(count: number): void {
    for (; this.#confirmed < count; this.#confirmed++) {
      const frame = this.#unconfirmed.shift()!;
      this.#bytes -= frame.byteLength;
      // What has arrived has left, though on a lost connection nobody heard of that.
      frame.endPosition = 0;
    }
  }

  /** What the peer may lack, in order. */
  get unconfirmed(): readonly OutFrame[] {
    return this.#unconfirmed.items;
  }

  /** A fresh connection: counting begins anew, and nothing is kept. */
  reset(): void {
    this.#unconfirmed.clear();
    this.keeps = false;
    this.closed = false;
    this.#sent = 0;
    this.#confirmed = 0;
    this.#bytes = 0;
    this.#received = 0;
    this.#reported = 0;
    this.#unreportedBytes = 0;
  }
}
