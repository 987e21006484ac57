import type { Socket } from "node:net";
import { type SessionInputs, type Transport, whole } from "camp-session";
import { type RawData, WebSocket } from "ws";
import { Arrivals, type ArrivalsOwner } from "./arrivals.js";
import { headerBytesOf, type Mask, type PlainMask, plainFrame, writePlainFrame } from "./plain-frame.js";

/**
 * What every WebSocket of ours is made with, on both ends. Small frames gain nothing from compression, which costs memory
 * and time; and a peer that does not answer a close is not waited for longer than this (rules 16).
 */
export const webSocketOptions = { perMessageDeflate: false, closeTimeout: 500 } as const;

/**
 * An open WebSocket of `ws` as a session's transport (rules 27).
 *
 * The frames of one turn of the event loop are a batch, which leaves when the turn ends. Where many turns in a row have had one
 * frame only, the next frame leaves at once instead: a batch would gain nothing, and the peer would wait until the application
 * has done with what the turn brought.
 */
export class WsTransport implements Transport, ArrivalsOwner {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #arrivals: Arrivals;
  #session: SessionInputs | null = null;
  /** What else the session will be told at `start`, in order; null from then on. */
  #early: ((session: SessionInputs) => void)[] | null = [];
  #paused = false;
  readonly #mask: Mask;
  /** Frames of this turn. */
  #frames = 0;
  /** Turns in a row, up to the last, that sent one frame only. */
  #quietTurns = 0;
  /** Whether the socket holds what is written until the batch ends. */
  #corked = false;
  /** Whether all had left when the last turn ended, as it has with most sockets that do not encrypt. */
  #leavesAtOnce = true;
  /** Whether a write of this batch has a callback already. */
  #announced = false;
  /** The small frames of the batch, which leave as one write. */
  #joined: Uint8Array[] | null = null;
  /** What they take with their headers. */
  #joinedBytes = 0;
  /** Why ws gave up what the peer sent. Its own `close` event then tells no more than 1006. */
  #fault: { readonly code: number; readonly reason: string } | null = null;

  /** Must be made in the turn in which `ws` opened: then nothing is lost, and nothing is read before `start`. */
  constructor(ws: WebSocket, socket: Socket, mask: Mask) {
    this.#ws = ws;
    this.#mask = mask;
    this.#socket = socket;
    this.#arrivals = new Arrivals(ws, socket, this);
    (ws as Carrier)[carried] = this;
    ws.on("message", onMessage);
    ws.on("error", onError);
    ws.on("close", onClose);
  }

  // ---- what ws tells

  came(message: Buffer, isBinary: boolean): void {
    this.#arrivals.add(message, isBinary);
  }

  failed(error: Error): void {
    this.#fault = { code: closeCodeOf(error), reason: error.message };
  }

  closed(code: number, reason: string): void {
    const end = this.#fault ?? { code, reason };
    this.#tell((session) => {
      this.#arrivals.flush();
      session.closed(end.code, end.reason);
    });
  }

  /** Names the session that is to be driven. */
  drive(session: SessionInputs): void {
    this.#session = session;
  }

  /** From now on the session hears of the connection, beginning with what has happened to it so far. */
  start(): void {
    const early = this.#early ?? [];
    this.#early = null;
    this.#arrivals.flush();
    for (const event of early) event(this.#session!);
    if (!this.#paused) this.#arrivals.release();
    // After what came together with the answer to the upgrade, so that the answers to it leave with the greeting.
    if (this.#frames > 0) process.nextTick(WsTransport.#turnEnds, this);
  }

  arrived(message: Buffer, isBinary: boolean): void {
    if (isBinary) this.#session!.received(message);
    else this.#session!.receivedText();
  }

  /** ws itself holds nothing back as long as nothing is compressed. */
  get bufferedBytes(): number {
    return this.#socket.writableLength + this.#joinedBytes;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  send(bytes: Uint8Array, body?: Uint8Array, tail?: Uint8Array): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (this.#frames++ === 0) this.#begin();
    if (this.#mask === "random key") {
      this.#cork();
      this.#ws.send(whole({ bytes, body, tail }), this.#callback());
    } else this.#write(bytes, body, tail, this.#mask);
    if (this.#frames % framesPerWrite === 0) this.#flush();
  }

  /**
   * Frames whose payload leaves as it is need none of ws's help, which would take a message in one piece only and write its header
   * apart: megabytes would be copied together, and small frames cost two writes. ws itself writes to the socket at once as long as
   * nothing is compressed: a pong of its own may overtake the small frames of this turn, which RFC 6455 allows.
   *
   * The small frames of a batch are copied together. That is cheaper than a write of their own for each, and Node keeps a write
   * that waits in some hundred bytes of objects: a million ACKs that nobody reads would cost more than ten times what they count
   * in `bufferedBytes`.
   */
  #write(bytes: Uint8Array, body: Uint8Array | undefined, tail: Uint8Array | undefined, mask: PlainMask): void {
    if (body === undefined && bytes.byteLength <= joinedBytesMax) {
      if (this.#frames === 1 && this.#quietTurns >= quietTurnsMin) {
        this.#socket.write(plainFrame(bytes, 0, mask), this.#callback());
        this.#announced = false;
      } else this.#join(bytes, mask);
      return;
    }
    this.#cork();
    this.#writeJoined();
    const [first, rest] = body === undefined ? [nothing, bytes] : [bytes, body];
    this.#socket.write(plainFrame(first, rest.byteLength + (tail?.byteLength ?? 0), mask), this.#callback());
    this.#socket.write(rest);
    if (tail !== undefined) this.#socket.write(tail);
  }

  #join(frame: Uint8Array, mask: PlainMask): void {
    if (this.#joined === null) this.#joined = [frame];
    else this.#joined.push(frame);
    this.#joinedBytes += headerBytesOf(frame.byteLength, mask) + frame.byteLength;
  }

  #writeJoined(): void {
    if (this.#joined === null) return;
    const joined = Buffer.allocUnsafe(this.#joinedBytes);
    let at = 0;
    for (const frame of this.#joined) at = writePlainFrame(joined, at, frame, 0, this.#mask as PlainMask);
    this.#joined = null;
    this.#joinedBytes = 0;
    // ws answers a close frame by itself, and no other frame may follow that.
    if (this.#ws.readyState === WebSocket.OPEN) this.#socket.write(joined, this.#callback());
  }

  /** The first write of a batch calls back when the whole batch has left. None does where that is seen when the turn ends. */
  #callback(): ((error?: Error | null) => void) | undefined {
    if (this.#leavesAtOnce || this.#announced) return undefined;
    this.#announced = true;
    return (error) => this.#flushed(error);
  }

  pause(): boolean {
    if (!this.#paused && this.#ws.readyState === WebSocket.OPEN) {
      this.#paused = true;
      this.#arrivals.hold();
    }
    return true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#early === null) this.#arrivals.release();
  }

  close(code: number, reason: string): void {
    this.#flush();
    this.#ws.close(code, reason);
    this.#arrivals.release(); // a paused socket would never see the peer's answer
  }

  terminate(): void {
    this.#flush(); // what waits is not worth much, but the answer to the upgrade may wait with it
    this.#session = silent;
    this.#ws.terminate();
  }

  /** A batch that begins before `start` ends with the turn of that; what waits in the socket, the answer to the upgrade, goes with it. */
  #begin(): void {
    if (this.#early === null) process.nextTick(WsTransport.#turnEnds, this);
    else this.#cork();
  }

  static #turnEnds(transport: WsTransport): void {
    transport.#endTurn();
  }

  /**
   * A callback of Node's comes after all other connections have had their turns: what the session needs to hear that its bytes have
   * left must then be fetched from memory again. So whoever can be told here is told here.
   */
  #endTurn(): void {
    this.#flush();
    this.#quietTurns = this.#frames === 1 ? this.#quietTurns + 1 : 0;
    this.#frames = 0;
    const hadCallback = !this.#leavesAtOnce;
    this.#leavesAtOnce = this.#socket.writableLength === 0;
    if (hadCallback) return;
    if (this.#leavesAtOnce) this.#flushed();
    else if (this.#ws.readyState === WebSocket.OPEN) {
      this.#socket.write(nothing, (error) => this.#flushed(error)); // behind all that waits
    }
  }

  #flush(): void {
    this.#writeJoined();
    this.#announced = false;
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  /** Not for a batch of small frames alone: that is one write already. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
  }

  /** An error means that the bytes will never leave; then the connection is closing, and that is told elsewhere. */
  #flushed(error?: Error | null): void {
    if (!error) this.#session!.writable();
  }

  #tell(event: (session: SessionInputs) => void): void {
    if (this.#early === null) event(this.#session!);
    else this.#early.push(event);
  }
}

/** Where a WebSocket has the transport that it carries. */
const carried = Symbol("transport");
type Carrier = WebSocket & { [carried]: WsTransport };

// All connections share their listeners: three of its own would be a tenth of what ws takes for one.

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as Carrier)[carried].came(data as Buffer, isBinary);
}

function onError(this: WebSocket, error: Error): void {
  (this as Carrier)[carried].failed(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as Carrier)[carried].closed(code, reason.toString());
}

/**
 * A long batch leaves in parts: the peer works on the first while this end still makes the rest. Where both ends wait for each
 * other, as with a window of messages, they would otherwise only ever take turns. Two parts have room for the answers to all
 * that a peer may bring in one turn, and for what else there is to say then.
 */
const framesPerWrite = 72;

/** So many turns of one frame show that no second one is to be expected; after a handshake there have been some as well. */
const quietTurnsMin = 16;

/** Frames up to this size are copied together, which is cheaper than a write of their own. */
const joinedBytesMax = 4096;
const nothing = new Uint8Array(0);

/** Hears of a connection that its session has done with. */
const silent: SessionInputs = {
  received() {},
  receivedText() {},
  writable() {},
  tick() {},
  closed() {},
};

/** The close code for what ws objects to in the bytes of a peer: the one that it sends to the peer as well. */
function closeCodeOf(error: Error & { code?: unknown }): number {
  switch (error.code) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return 1009;
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return 1008;
    case "WS_ERR_INVALID_UTF8":
      return 1007;
    default:
      return typeof error.code === "string" && error.code.startsWith("WS_ERR_") ? 1002 : 1006;
  }
}
