/** What a simulated connection lives by: a `VirtualTime`, or the timers of the platform. */
export interface Time {
  /** Milliseconds. */
  now(): number;
  /** Runs `run` after `delayMs`; returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** Whoever holds an end and is told what happens there, always in a later turn than what it did itself. */
export interface EndInputs {
  received(bytes: Uint8Array): void;
  receivedText(text: string): void;
  /** Something that was handed over has left. */
  writable(): void;
  /** A ping or pong of the WebSocket protocol. */
  control?(kind: "ping" | "pong", bytes: Uint8Array): void;
  /** The connection is gone: with the code and reason of the close frame, or 1006 without one. */
  closed(code: number, reason: string): void;
}

/** How a simulated connection behaves; all of it can be changed while it runs. */
export interface NetworkConditions {
  /** One way, in milliseconds. */
  latencyMs: number;
  /** Bytes per millisecond in each direction. */
  bytesPerMs: number;
  /** Bytes that the network itself holds for a reader that has paused. */
  windowBytes: number;
  /** Whether an end can stop reading. Browsers cannot. */
  pausable: boolean;
  /** Milliseconds that a message takes longer; asked for each. Messages stay in order. */
  jitterMs?: () => number;
  /** Looks at each binary message on its way, and may replace it. */
  tamper?: (bytes: Uint8Array) => Uint8Array;
  /** The byte, from 1, at which each connection breaks, counted in both directions together; the message in which it lies is lost. */
  cutAtByte?: number;
  /** Asked for each message that has been sent; false cuts the connection, and the message is lost. */
  passes?: (from: SimulatedEnd, bytes: number) => boolean;
}

export const calmNetwork: NetworkConditions = {
  latencyMs: 1,
  bytesPerMs: 100_000,
  windowBytes: 256 * 1024,
  pausable: true,
};

type Parcel =
  | { readonly kind: "message"; readonly bytes: Uint8Array; readonly byteLength: number }
  | { readonly kind: "text"; readonly text: string; readonly byteLength: number }
  | { readonly kind: "ping" | "pong"; readonly bytes: Uint8Array; readonly byteLength: number }
  | { readonly kind: "close"; readonly code: number; readonly reason: string; readonly byteLength: 0 };

/**
 * One end of a simulated WebSocket connection. Messages leave its buffer at the pace of the network and arrive in order; a
 * paused reader holds the sender back as TCP does; a cut may come inside a message, which is then lost.
 */
export class SimulatedEnd {
  readonly #time: Time;
  readonly #conditions: NetworkConditions;
  #inputs: EndInputs | null = null;
  #peer!: SimulatedEnd;
  #outgoing: Parcel[] = [];
  #bufferedBytes = 0;
  #sending = false;
  #arrived: Parcel[] = [];
  #arrivedBytes = 0;
  #receivedBytes = 0;
  #paused = false;
  #delivering = false;
  #writableAsked = false;
  #lastArrivalMs = 0;
  #stalled = false;
  /** Bytes that passed on this connection, shared by its two ends. */
  #passed = { bytes: 0 };
  #state: "open" | "closing" | "gone" = "open";
  /** Everything that was sent, for assertions. */
  readonly sent: Uint8Array[] = [];

  constructor(time: Time, conditions: NetworkConditions) {
    this.#time = time;
    this.#conditions = conditions;
  }

  /** Two ends of one connection. */
  static pair(time: Time, conditions: NetworkConditions): [SimulatedEnd, SimulatedEnd] {
    const left = new SimulatedEnd(time, conditions);
    const right = new SimulatedEnd(time, conditions);
    left.#peer = right;
    right.#peer = left;
    right.#passed = left.#passed;
    return [left, right];
  }

  /** From now on `inputs` is told what happens; what arrived before follows. */
  drive(inputs: EndInputs): void {
    this.#inputs = inputs;
    this.#deliver();
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  send(head: Uint8Array, body = nothing, tail = nothing): void {
    if (this.#state !== "open") return;
    const bytes = joined(head, body, tail);
    this.sent.push(bytes.slice());
    this.#put({ kind: "message", bytes, byteLength: bytes.byteLength });
  }

  /** Sends a text message that takes `byteLength` bytes on the wire. */
  sendText(text: string, byteLength: number): void {
    if (this.#state === "open") this.#put({ kind: "text", text, byteLength });
  }

  /** Sends a ping or pong of the WebSocket protocol. */
  sendControl(kind: "ping" | "pong", bytes: Uint8Array): void {
    if (this.#state === "open") this.#put({ kind, bytes, byteLength: bytes.byteLength });
  }

  #put(parcel: Parcel): void {
    this.#bufferedBytes += parcel.byteLength;
    this.#outgoing.push(parcel);
    this.#transmit();
  }

  pause(): boolean {
    if (this.#conditions.pausable) this.#paused = true;
    return this.#conditions.pausable;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.resume();
    this.#put({ kind: "close", code, reason, byteLength: 0 });
  }

  terminate(): void {
    if (this.#state === "gone") return;
    this.#inputs = null;
    this.#vanish();
    this.#time.after(this.#conditions.latencyMs, () => this.#peer.#gone(1006, ""));
  }

  /** The network fails: what is under way is lost, and each end hears of it unless it is told nothing (half-open). */
  cut(tellThisEnd: boolean, tellPeer: boolean): void {
    for (const [end, told] of [
      [this, tellThisEnd],
      [this.#peer, tellPeer],
    ] as const) {
      const inputs = end.#inputs;
      end.#stall();
      if (told) this.#time.after(this.#conditions.latencyMs, () => end.#inputs === inputs && end.#gone(1006, ""));
    }
  }

  /** Nothing gets through any more, but nobody is told. */
  #stall(): void {
    this.#outgoing = [];
    this.#arrived = [];
    this.#stalled = true;
  }

  #vanish(): void {
    this.#state = "gone";
    this.#outgoing = [];
    this.#arrived = [];
    this.#bufferedBytes = 0;
  }

  #gone(code: number, reason: string): void {
    if (this.#state === "gone") return;
    const inputs = this.#inputs;
    this.#vanish();
    inputs?.closed(code, reason);
  }

  /** Moves the first parcel over the wire when the network and the reader's window allow. */
  #transmit(): void {
    const parcel = this.#outgoing[0];
    if (this.#sending || parcel === undefined || this.#state === "gone" || this.#stalled) return;
    const bytes = parcel.byteLength;
    if (this.#peer.#arrivedBytes > this.#conditions.windowBytes) return;
    this.#sending = true;
    this.#time.after(bytes / this.#conditions.bytesPerMs, () => {
      this.#sending = false;
      if (this.#outgoing[0] !== parcel) return;
      this.#outgoing.shift();
      this.#bufferedBytes -= bytes;
      if (this.#breaks(bytes)) {
        this.cut(true, true);
        return;
      }
      this.#send(parcel, bytes);
      this.#tellWritable();
      this.#transmit();
    });
  }

  /** Whether the connection breaks within a message of this length. */
  #breaks(bytes: number): boolean {
    const { cutAtByte = Number.POSITIVE_INFINITY, passes } = this.#conditions;
    this.#passed.bytes += bytes;
    return this.#passed.bytes >= cutAtByte || passes?.(this, bytes) === false;
  }

  #send(parcel: Parcel, bytes: number): void {
    this.#peer.#arrivedBytes += bytes;
    const arrivalMs = Math.max(this.#lastArrivalMs, this.#time.now() + this.#delayMs());
    this.#lastArrivalMs = arrivalMs;
    this.#time.after(arrivalMs - this.#time.now(), () => {
      if (this.#peer.#state === "gone" || this.#peer.#stalled) return;
      this.#peer.#receivedBytes += bytes;
      this.#peer.#arrived.push(parcel);
      this.#peer.#deliver();
    });
  }

  #delayMs(): number {
    return this.#conditions.latencyMs + (this.#conditions.jitterMs?.() ?? 0);
  }

  #tellWritable(): void {
    if (this.#writableAsked) return;
    this.#writableAsked = true;
    this.#time.after(0, () => {
      this.#writableAsked = false;
      if (this.#state === "open") this.#inputs?.writable();
    });
  }

  #deliver(): void {
    if (this.#delivering || this.#inputs === null) return;
    this.#delivering = true;
    this.#time.after(0, () => {
      this.#delivering = false;
      if (this.#paused || this.#inputs === null) return;
      const parcel = this.#arrived.shift();
      if (parcel === undefined) return;
      this.#arrivedBytes -= parcel.byteLength;
      if (parcel.kind === "message") this.#received(parcel.bytes);
      else if (parcel.kind === "text") this.#inputs.receivedText(parcel.text);
      else if (parcel.kind !== "close") this.#inputs.control?.(parcel.kind, parcel.bytes);
      else this.#peerCloses(parcel.code, parcel.reason);
      this.#peer.#transmit();
      this.#deliver();
    });
  }

  #received(bytes: Uint8Array): void {
    const { tamper } = this.#conditions;
    this.#inputs?.received(tamper === undefined ? bytes.slice() : tamper(bytes.slice()));
  }

  /** The closing handshake: the answer carries the same code, then both ends are gone. */
  #peerCloses(code: number, reason: string): void {
    this.#time.after(this.#conditions.latencyMs, () => this.#peer.#gone(code, reason));
    this.#gone(code, reason);
  }
}

const nothing = new Uint8Array(0);

function joined(head: Uint8Array, body: Uint8Array, tail: Uint8Array): Uint8Array {
  const restBytes = body.byteLength + tail.byteLength;
  if (restBytes === 0) return head;
  const bytes = new Uint8Array(head.byteLength + restBytes);
  bytes.set(head);
  bytes.set(body, head.byteLength);
  bytes.set(tail, head.byteLength + body.byteLength);
  return bytes;
}
