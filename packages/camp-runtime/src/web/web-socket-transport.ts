import type { TurnHost } from "camp-runtime";
import { CloseCode, type SessionInputs, type Transport, whole } from "camp-session";

/** What the transport uses of a WebSocket; the browser's has it. */
export type SocketLike = Pick<WebSocket, "bufferedAmount" | "readyState" | "send" | "close" | "addEventListener"> & {
  binaryType: BinaryType;
};

/** Looks at the buffer that follow each other without a pause. A fast network takes what was sent within so many turns. */
const quickLooks = 32;
/** Between the looks after those. */
const lookMs = 4;
/** WebSocket.OPEN, without asking for a WebSocket. */
const open = 1;

/**
 * An open WebSocket of the browser as a session's transport.
 *
 * Browsers do not say when bytes have left, so `bufferedAmount` is looked at, but only while there is something in it. Nor
 * can they stop reading. What was received counts in whole messages.
 */
export class WebSocketTransport implements Transport {
  readonly #ws: SocketLike;
  readonly #turns: TurnHost;
  #session: SessionInputs | null = null;
  /** What the session will be told at `start`, in order. */
  readonly #early: ((session: SessionInputs) => void)[] = [];
  #started = false;
  #receivedBytes = 0;
  #handedBytes = 0;
  /** Bytes that had left at the last look. */
  #leftBytes = 0;
  #looks = 0;
  #looking = false;
  #closed = false;

  /** Must be made in the turn in which the socket opened: then nothing is lost. */
  constructor(ws: SocketLike, turns: TurnHost) {
    this.#ws = ws;
    this.#turns = turns;
    ws.binaryType = "arraybuffer";
    ws.addEventListener("message", (event) => this.#arrived((event as MessageEvent<unknown>).data));
    ws.addEventListener("close", (event) => {
      const { code, reason } = event as CloseEvent;
      this.#lost(code, reason);
    });
  }

  /** Names the session that is to be driven. */
  drive(session: SessionInputs): void {
    this.#session = session;
  }

  /** From now on the session hears of the connection, beginning with what has happened to it so far. */
  start(): void {
    this.#started = true;
    // One by one: what the session does at the first may end the connection, and with it the others.
    for (let event = this.#early.shift(); event !== undefined; event = this.#early.shift()) event(this.#session!);
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  send(bytes: Uint8Array, body?: Uint8Array, tail?: Uint8Array): void {
    if (this.#ws.readyState !== open) return;
    const message = whole({ bytes, body, tail });
    this.#ws.send(message as Uint8Array<ArrayBuffer>);
    this.#handedBytes += message.byteLength;
    if (this.#looking) return;
    this.#looking = true;
    this.#turns.defer(this.#look);
  }

  pause(): boolean {
    return false;
  }

  resume(): void {}

  close(code: number, reason: string): void {
    // Pages may not say other codes; the close frame then has none.
    if (code === 1000 || code >= 3000) this.#ws.close(code, reason);
    else this.#ws.close();
  }

  /** Pages cannot cut a connection, so the peer is told that it counts as cut. */
  terminate(): void {
    this.#closed = true;
    this.#early.length = 0;
    this.#ws.close(CloseCode.away);
  }

  /** Gives the connection up before the browser does: the session hears of its end now. */
  abandon(code: number, reason: string): void {
    this.#ws.close(CloseCode.away, reason);
    this.#lost(code, reason);
  }

  /** `writable` after each look that found that bytes have left. */
  readonly #look = (): void => {
    if (this.#closed) return;
    const leftBytes = this.#handedBytes - this.#ws.bufferedAmount;
    if (leftBytes > this.#leftBytes) {
      this.#leftBytes = leftBytes;
      this.#looks = 0;
      this.#tell((session) => session.writable());
    }
    this.#looking = this.#leftBytes < this.#handedBytes;
    if (!this.#looking) return;
    if (this.#looks++ < quickLooks) this.#turns.defer(this.#look);
    else this.#turns.setTimeout(this.#look, lookMs);
  };

  #arrived(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.#tell((session) => session.receivedText());
      return;
    }
    this.#receivedBytes += data.byteLength;
    this.#tell((session) => session.received(new Uint8Array(data)));
  }

  #lost(code: number, reason: string): void {
    this.#tell((session) => session.closed(code, reason));
    this.#closed = true;
  }

  #tell(event: (session: SessionInputs) => void): void {
    if (this.#closed) return;
    if (this.#started) event(this.#session!);
    else this.#early.push(event);
  }
}
