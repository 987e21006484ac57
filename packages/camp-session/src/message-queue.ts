import type { DropReason } from "./events.js";
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
 * policy decides who leaves (rules 10). The head moves along the array, so that taking a message costs the same at any length.
 */
export class MessageQueue {
  readonly #owner: QueueOwner;
  #items: Message[] = [];
  #head = 0;
  #frames = 0;
  #bytes = 0;

  constructor(owner: QueueOwner) {
    this.#owner = owner;
  }

  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The oldest message, hooks or not. */
  get first(): Message | null {
    while (this.#head < this.#items.length) {
      const message = this.#items[this.#head]!;
      if (!message.gone) return message;
      this.#head++;
    }
    this.#items.length = 0;
    this.#head = 0;
    return null;
  }

  /** The oldest message that waits for its hooks. */
  get firstPending(): Message | null {
    for (let index = this.#head; index < this.#items.length; index++) {
      const message = this.#items[index]!;
      if (!message.gone && message.pending !== null) return message;
    }
    return null;
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
    this.#count(message, 1);
  }

  /** Takes a message out, wherever it is. */
  remove(message: Message): void {
    if (message.gone) return;
    message.gone = true;
    this.#count(message, -1);
    if (this.#items[this.#head] === message) this.#head++;
    if (this.#head > 512 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }

  /** A waiting message passed its hooks: it counts with the size of its frame now, which the hooks may have made larger. */
  encoded(message: Message, bytes: Uint8Array): void {
    this.#bytes -= message.size;
    message.encoded(bytes);
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
  clear(): Message[] {
    const messages = this.#items.slice(this.#head).filter((message) => !message.gone);
    for (const message of messages) message.gone = true;
    this.#items = [];
    this.#head = 0;
    this.#frames = 0;
    this.#bytes = 0;
    return messages;
  }

  #fits(limits: QueueLimits, frames: number, bytes: number): boolean {
    return this.#frames + frames <= limits.maxQueueCount && this.#bytes + bytes <= limits.maxQueuedBytes;
  }

  #full(limits: QueueLimits): string {
    return `${this.#frames} messages of ${this.#bytes} bytes wait, at most ${limits.maxQueueCount} of ${limits.maxQueuedBytes} may`;
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
    const first = this.first;
    if (first !== keep) return first;
    return this.#items.slice(this.#head + 1).find((message) => !message.gone) ?? null;
  }

  #replace(message: Message, matches: (other: Message) => boolean): boolean {
    for (let index = this.#head; index < this.#items.length; index++) {
      const other = this.#items[index]!;
      if (other.gone || !matches(other)) continue;
      this.#items[index] = message;
      other.gone = true;
      this.#count(other, -1);
      this.#count(message, 1);
      this.#owner.dropped(other, "replaced", "a newer message took its place");
      return true;
    }
    return false;
  }

  #count(message: Message, sign: 1 | -1): void {
    this.#frames += sign;
    this.#bytes += sign * message.size;
  }
}

/** Equal type and bytes; a message without a key is only ever taken for another one without a key. */
function sameContent(a: Message, b: Message): boolean {
  if (a.kind !== b.kind || a.key !== undefined || b.key !== undefined || a.size !== b.size) return false;
  const left = a.pending === null ? a.bytes : a.pending.payload;
  const right = b.pending === null ? b.bytes : b.pending.payload;
  if (typeof left === "string" || typeof right === "string") return left === right;
  return left.every((byte, index) => byte === right[index]);
}
