import type { Socket } from "node:net";
import type { SessionInputs, Transport } from "camp-session";
import { WebSocket } from "ws";
import { unmaskedFrame } from "./unmasked-frame.js";

/**
 * What every WebSocket of ours is made with, on both ends. Small frames gain nothing from compression, which costs memory
 * and time; and a peer that does not answer a close is not waited for longer than this (rules 16).
 */
export const webSocketOptions = { perMessageDeflate: false, closeTimeout: 500 } as const;

/**
 * An open WebSocket of `ws` as a session's transport (rules 27).
 *
 * The frames of one turn of the event loop leave in one write: the socket is corked at the first of them and uncorked when
 * the turn ends. Of these sends only the first has a callback, which ws then calls when the whole batch has left.
 */
export class WsTransport implements Transport {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  #session: SessionInputs | null = null;
  /** What the session will be told at `start`, in order; null from then on. */
  #early: ((session: SessionInputs) => void)[] | null = [];
  #paused = false;
  /** Whether this end masks what it sends, as clients must (RFC 6455, section 5.3). */
  readonly #masks: boolean;
  #corked = false;
  /** Why ws gave up what the peer sent. Its own `close` event then tells no more than 1006. */
  #fault: { readonly code: number; readonly reason: string } | null = null;

  /** Must be made in the turn in which `ws` opened: then nothing is lost, and nothing is read before `start`. */
  constructor(ws: WebSocket, socket: Socket, end: "client" | "server") {
    this.#ws = ws;
    this.#masks = end === "client";
    this.#socket = socket;
    ws.pause();
    ws.on("message", (data, isBinary) => {
      if (this.#early === null) this.#received(this.#session!, data as Buffer, isBinary);
      else this.#early.push((session) => this.#received(session, data as Buffer, isBinary));
    });
    ws.on("error", (error) => {
      this.#fault = { code: closeCodeOf(error), reason: error.message };
    });
    ws.on("close", (code, reason) => {
      const end = this.#fault ?? { code, reason: reason.toString() };
      this.#tell((session) => session.closed(end.code, end.reason));
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
    for (const event of early) event(this.#session!);
    if (!this.#paused) this.#ws.resume();
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  send(bytes: Uint8Array, body?: Uint8Array): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const isFirst = !this.#corked;
    if (isFirst) this.#cork();
    if (body === undefined) {
      if (isFirst) this.#ws.send(bytes, this.#flushed);
      else this.#ws.send(bytes);
    } else if (this.#masks) this.#ws.send(Buffer.concat([bytes, body]), isFirst ? this.#flushed : undefined);
    else {
      // ws takes a message in one piece, for which megabytes would be copied together. A frame that is not masked needs
      // none of its help: ws itself writes to the socket at once and in order, as long as nothing is compressed.
      this.#socket.write(unmaskedFrame(bytes, body.byteLength), isFirst ? this.#flushed : undefined);
      this.#socket.write(body);
    }
  }

  /** What of the peer's has been read from the socket already, at most a chunk of 64 KiB, is still delivered. */
  pause(): boolean {
    if (!this.#paused && this.#ws.readyState === WebSocket.OPEN) {
      this.#paused = true;
      this.#ws.pause();
    }
    return true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#early === null) this.#ws.resume();
  }

  close(code: number, reason: string): void {
    this.#uncork();
    this.#ws.close(code, reason);
    this.#ws.resume(); // a paused socket would never see the peer's answer
  }

  terminate(): void {
    this.#session = silent;
    this.#ws.terminate();
  }

  #cork(): void {
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(this.#uncork);
  }

  readonly #uncork = (): void => {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  };

  /** An error means that the bytes will never leave; then the connection is closing, and that is told elsewhere. */
  readonly #flushed = (error?: Error | null): void => {
    if (!error) this.#tell((session) => session.writable());
  };

  #received(session: SessionInputs, message: Buffer, isBinary: boolean): void {
    if (isBinary) session.received(message);
    else session.receivedText();
  }

  #tell(event: (session: SessionInputs) => void): void {
    if (this.#early === null) event(this.#session!);
    else this.#early.push(event);
  }
}

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
