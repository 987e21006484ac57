import type { DropReason } from "./events.js";
import { Fifo } from "./fifo.js";
import { type FrameParts, whole } from "./join.js";
import type { DropPolicy } from "./limits.js";
import type { Message } from "./out-frame.js";

/** What may wait, asked for at each push because it shrinks while a whole server is over its memory limit. */
export interface QueueLimits {
  readonly maxQueuedBytes: number;
  readonly maxQueueCount: number;
  readonly dropPolicy: DropPolicy;
}

/** Who keeps a queue. */
export interface QueueOwner {
  limits(): QueueLimits;
  dropped(message: Message, reason: DropReason, detail: string): void;
}

/**
 * Messages that the socket would not take or that wait for their hooks, in the order of the calls. When it is full the drop
 * policy decides who leaves (rules 10).
 */
export class MessageQueue {
  readonly #owner: QueueOwner;
  readonly #items = new Fifo<Message>();
  #bytes = 0;

  constructor(owner: QueueOwner) {
    this.#owner = owner;
  }

  get frames(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest message, hooks or not. */
  get first(): Message | null {
    return this.#items.first ?? null;
  }

  /** The oldest message that waits for its hooks. */
  get firstPending(): Message | null {
    const index = this.#find(({ pending }) => pending !== null);
    return this.#items.at(index) ?? null;
  }

  push(message: Message): void {
    const limits = this.#owner.limits();
    if (message.size > limits.maxQueuedBytes) {
      this.#owner.dropped(message, "too-large", `${message.size} bytes exceed maxQueuedBytes ${limits.maxQueuedBytes}`);
      return;
    }
    if (limits.dropPolicy === "dedupe-latest" && message.key !== undefined) {
      if (this.#replace(message, (other) => other.key === message.key)) {
        this.#makeRoom(limits, 0, 0, message);
        return;
      }
    }
    if (!this.#fits(limits, 1, message.size)) {
      if (limits.dropPolicy === "drop-newest") {
        this.#owner.dropped(message, "newest", this.#full(limits));
        return;
      }
      if (limits.dropPolicy === "dedupe-latest" && this.#replace(message, (other) => sameContent(other, message)))
        return;
      this.#makeRoom(limits, 1, message.size, null);
    }
    this.#items.push(message);
    this.#bytes += message.size;
  }

  /** Takes a message out, wherever it is. */
  remove(message: Message): void {
    if (message.gone) return;
    message.gone = true;
    this.#bytes -= message.size;
    if (this.#items.first === message) this.#items.shift();
    else this.#items.remove(this.#find((other) => other === message));
  }

  /** A waiting message passed its hooks: it counts with the size of its frame now, which the hooks may have made larger. */
  encoded(message: Message, frame: FrameParts): void {
    this.#bytes -= message.size;
    message.encoded(frame);
    this.#bytes += message.size;
    const limits = this.#owner.limits();
    if (this.#fits(limits, 0, 0)) return;
    const tooLarge = message.size > limits.maxQueuedBytes;
    if (!tooLarge && limits.dropPolicy !== "drop-newest") {
      this.#makeRoom(limits, 0, 0, message);
      return;
    }
    this.remove(message);
    this.#owner.dropped(message, tooLarge ? "too-large" : "newest", this.#full(limits));
  }

  /** Takes out everything. */
  clear(): readonly Message[] {
    const messages = this.#items.drain();
    for (const message of messages) message.gone = true;
    this.#bytes = 0;
    return messages;
  }

  #fits(limits: QueueLimits, frames: number, bytes: number): boolean {
    return this.frames + frames <= limits.maxQueueCount && this.#bytes + bytes <= limits.maxQueuedBytes;
  }

  #full(limits: QueueLimits): string {
    return `${this.frames} messages of ${this.#bytes} bytes wait, at most ${limits.maxQueueCount} of ${limits.maxQueuedBytes} may`;
  }

  #makeRoom(limits: QueueLimits, frames: number, bytes: number, keep: Message | null): void {
    const detail = this.#full(limits);
    while (!this.#fits(limits, frames, bytes)) {
      const oldest = this.#oldestBut(keep);
      if (oldest === null) return;
      this.remove(oldest);
      this.#owner.dropped(oldest, "oldest", detail);
    }
  }

  #oldestBut(keep: Message | null): Message | null {
    return this.#items.at(this.#items.first === keep ? 1 : 0) ?? null;
  }

  #replace(message: Message, matches: (other: Message) => boolean): boolean {
    const index = this.#find(matches);
    const other = this.#items.at(index);
    if (other === undefined) return false;
    this.#items.replace(index, message);
    other.gone = true;
    this.#bytes += message.size - other.size;
    this.#owner.dropped(other, "replaced", "a newer message took its place");
    return true;
  }

  /** The index of the first message that fits; their number if none does. */
  #find(fits: (message: Message) => boolean): number {
    let index = 0;
    while (index < this.#items.length && !fits(this.#items.at(index)!)) index++;
    return index;
  }
}

/** Equal type and bytes; a message without a key is only ever taken for another one without a key. */
function sameContent(a: Message, b: Message): boolean {
  if (a.kind !== b.kind || a.key !== undefined || b.key !== undefined || a.size !== b.size) return false;
  const left = a.pending === null ? whole(a) : a.pending.payload;
  const right = b.pending === null ? whole(b) : b.pending.payload;
  if (typeof left === "string" || typeof right === "string") return left === right;
  return left.every((byte, index) => byte === right[index]);
}
