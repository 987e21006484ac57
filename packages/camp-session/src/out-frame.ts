import { Deferred } from "./deferred.js";
import type { Hook, MessageKind, Payload } from "./hooks.js";
import type { FrameParts } from "./join.js";

/**
 * What becomes of a frame that is not acknowledged in time: an error, silence, or it may take as long as it likes. One that
 * is "unawaited" takes a number, but nobody acknowledges it: it is settled as soon as it was handed over.
 */
export type Expiry = "reject" | "forget" | "never" | "unawaited";

/** An encoded frame on its way out. What it needs to be acknowledged is written by the ledger alone. */
export class OutFrame {
  bytes: Uint8Array;
  /** What follows `bytes` in the same frame, sent from where it lies: the payload of a stream chunk or of a large message. */
  body: Uint8Array | undefined;
  /** Whether the frame carries an ack number. */
  readonly tracked: boolean;
  readonly expiry: Expiry;
  /** Whether it belongs to the session and not to one connection: such frames are counted and, after a cut, sent again. */
  counted = true;

  number = -1;
  /** How many counted frames were sent up to this one. */
  position = 0;
  /** Where the frame ends in the stream of bytes handed to the transport. */
  endPosition = 0;
  sentAt = 0;
  /** When its last byte had left, on the ledger's clock; -1 before. */
  flushedAt = -1;
  /** How long it waited for its ACK on connections that were lost. */
  waitedMs = 0;

  constructor(bytes: Uint8Array, tracked: boolean, expiry: Expiry, body?: Uint8Array) {
    this.bytes = bytes;
    this.body = body;
    this.tracked = tracked;
    this.expiry = expiry;
  }

  get byteLength(): number {
    return this.body === undefined ? this.bytes.byteLength : this.bytes.byteLength + this.body.byteLength;
  }

  /** The frame was acknowledged (null) or never will be. */
  settle(_error: Error | null): void {}
}

/** A frame that is not acknowledged. */
export function plainFrame(bytes: Uint8Array, body?: Uint8Array): OutFrame {
  return new OutFrame(bytes, false, "never", body);
}

/** Marks a frame that means something on its own connection only. */
export function passing<T extends OutFrame>(frame: T): T {
  frame.counted = false;
  return frame;
}

/** A frame whose acknowledgement somebody waits for. */
export class WatchedFrame extends OutFrame {
  readonly #settled: (error: Error | null) => void;

  constructor(bytes: Uint8Array, settled: (error: Error | null) => void) {
    super(bytes, true, "never");
    this.#settled = settled;
  }

  override settle(error: Error | null): void {
    this.#settled(error);
  }
}

const noBytes = new Uint8Array(0);

/** A message of the application: the frame, the promise that the caller got, and what the queue must know of it. */
export class Message extends OutFrame {
  readonly kind: MessageKind;
  readonly key: string | undefined;
  /** The bytes that it takes up in the queue; those of the payload until it is encoded. */
  size: number;
  /** Hooks still to run and what they run on; null once the frame is encoded. */
  pending: { readonly chain: readonly Hook[]; readonly payload: Payload } | null = null;
  /** Taken out of the queue: whatever still holds it lets go. */
  gone = false;
  /** Connections in a row that the peer ended with an error while this message was in flight. */
  refusals = 0;
  readonly #deferred = new Deferred<boolean>();

  constructor(
    kind: MessageKind,
    bytes: Uint8Array,
    tracked: boolean,
    key: string | undefined,
    expiry: "reject" | "unawaited" = "reject",
    body?: Uint8Array,
  ) {
    super(bytes, tracked, expiry, body);
    this.kind = kind;
    this.key = key;
    this.size = this.byteLength;
  }

  /** A message that must pass its hooks before it can be encoded. */
  static pending(
    kind: MessageKind,
    payload: Payload,
    chain: readonly Hook[],
    tracked: boolean,
    key: string | undefined,
    expiry: "reject" | "unawaited" = "reject",
  ): Message {
    const message = new Message(kind, noBytes, tracked, key, expiry);
    message.size = typeof payload === "string" ? payload.length : payload.byteLength;
    message.pending = { chain, payload };
    return message;
  }

  get promise(): Promise<boolean> {
    return this.#deferred.promise;
  }

  encoded({ bytes, body }: FrameParts): void {
    this.bytes = bytes;
    this.body = body;
    this.size = this.byteLength;
    this.pending = null;
  }

  /** A hook kept the message from leaving. */
  suppress(): void {
    this.#deferred.resolve(false);
  }

  override settle(error: Error | null): void {
    if (error === null) this.#deferred.resolve(true);
    else this.#deferred.reject(error);
  }
}
