import { MockCloseEvent } from "./close-event.js";
import type { EndInputs, SimulatedEnd } from "./network/index.js";
import { Sendings, type Sent } from "./sendings.js";
import { checkedProtocols, checkedUrl, contentOf, isSent } from "./socket-arguments.js";
import { WsEmitter, wsBytes } from "./ws-emitter.js";

/** An end of a connection, and the subprotocol that was agreed on. */
export interface Connected {
  readonly end: SimulatedEnd;
  readonly protocol: string;
}

/** What a server answers over HTTP where it opens no connection. */
export interface Refusal {
  /** An integer from 200 to 599. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a socket comes to its connection. */
export interface Dialler {
  /** Null: nobody is there. What it returns gives the attempt up; `answer` is then not called. */
  dial(url: URL, protocols: readonly string[], answer: (answered: Connected | Refusal | null) => void): () => void;
}

const encoder = new TextEncoder();
const notEstablished = "the connection was not established";
const reasonBytesMax = 123;
const controlBytesMax = 125;
const states = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;

type Handler<E extends Event> = ((event: E) => void) | null;
type SocketEvent = "open" | "message" | "close" | "error";

/** Options of `send` in `ws`. */
export interface WsSendOptions {
  /** Whether the message is of bytes; by default whether the data is. */
  readonly binary?: boolean;
}

/**
 * A WebSocket of the standard interface at one end of a simulated connection: states, events, exceptions and close codes are
 * those of browsers. It has the events and methods of `ws` as well; a server's end takes the close codes that `ws` takes.
 */
export class MockSocket extends WsEmitter implements EndInputs {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly extensions = "";
  readonly url: string;
  /** "nodebuffer" is what `ws` has; its events have Buffers with "blob", too. */
  binaryType: "blob" | "arraybuffer" | "nodebuffer" = "blob";
  readonly #handlers = new Map<SocketEvent, (event: never) => void>();
  readonly #giveUp: () => void;
  #end: SimulatedEnd | null = null;
  #protocol = "";
  #readyState: 0 | 1 | 2 | 3 = states.connecting;
  /** Bytes that were given to `send` too late. */
  #unsentBytes = 0;
  readonly #sendings = new Sendings();
  /** Whether this is a server's end. */
  #accepted = false;
  #paused = false;
  /** Blobs are read before they are sent, and what follows them waits. */
  #waiting: Promise<void> | null = null;
  #waitingBytes = 0;

  /** @throws {DOMException} `SyntaxError` for a URL or subprotocol that browsers refuse. */
  constructor(dialler: Dialler, url: string | URL, protocols: string | readonly string[] = []) {
    super();
    const target = checkedUrl(url);
    const offered = checkedProtocols(typeof protocols === "string" ? [protocols] : protocols);
    this.url = target.href;
    this.#giveUp = dialler.dial(target, offered, (answered) => this.#answered(answered));
  }

  /** The other end of a connection that was accepted. It is open from the start and has no `open` event. */
  static accepted(connected: Connected, url: URL): MockSocket {
    const socket = new MockSocket({ dial: () => () => {} }, url);
    socket.#accepted = true;
    socket.#take(connected);
    return socket;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get bufferedAmount(): number {
    return this.#unsentBytes + this.#waitingBytes + (this.#end?.bufferedBytes ?? 0);
  }

  get onopen(): Handler<Event> {
    return this.#handler("open");
  }
  set onopen(handler: Handler<Event>) {
    this.#handle("open", handler);
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#handler("message");
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.#handle("message", handler);
  }

  get onclose(): Handler<MockCloseEvent> {
    return this.#handler("close");
  }
  set onclose(handler: Handler<MockCloseEvent>) {
    this.#handle("close", handler);
  }

  get onerror(): Handler<Event> {
    return this.#handler("error");
  }
  set onerror(handler: Handler<Event>) {
    this.#handle("error", handler);
  }

  /**
   * Options and callback are those of `ws`: it is called once the message has left, or with an error if it will not.
   *
   * @throws {DOMException} `InvalidStateError` before it is open. Once it closes, what is sent is lost, as in browsers.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob, sent?: Sent): void;
  send(data: string | ArrayBuffer | ArrayBufferView | Blob, options: WsSendOptions, sent?: Sent): void;
  send(
    data: string | ArrayBuffer | ArrayBufferView | Blob,
    second: WsSendOptions | Sent = {},
    third: Sent | undefined = undefined,
  ): void {
    this.#expectConnected();
    const [options, sent] = typeof second === "function" ? [{}, second] : [second, third];
    const content = contentOf(data, options.binary);
    const bytes = content instanceof Blob ? content.size : content.byteLength;
    if (this.#readyState !== states.open) {
      this.#unsentBytes += bytes;
      this.#tooLate(sent);
    } else if (content instanceof Blob) {
      this.#waitingBytes += bytes;
      this.#inOrder(async () => {
        const read = new Uint8Array(await content.arrayBuffer());
        this.#waitingBytes -= bytes;
        this.#hand(bytes, sent, (end) => end.send(read));
      });
    } else {
      // Copied: the caller may reuse its buffer.
      const copy = content instanceof Uint8Array ? new Uint8Array(content) : content;
      this.#inOrder(() =>
        this.#hand(bytes, sent, (end) =>
          copy instanceof Uint8Array ? end.send(copy) : end.sendText(copy.text, bytes),
        ),
      );
    }
  }

  /** Sends a ping, as in `ws`: the other end answers by itself, and `pong` tells. */
  ping(data: string | Uint8Array = "", _mask?: boolean, sent?: Sent): void {
    this.#control("ping", data, sent);
  }

  /** Sends a pong that nobody asked for, as in `ws`. */
  pong(data: string | Uint8Array = "", _mask?: boolean, sent?: Sent): void {
    this.#control("pong", data, sent);
  }

  #control(kind: "ping" | "pong", data: string | Uint8Array, sent: Sent | undefined): void {
    this.#expectConnected();
    const bytes = typeof data === "string" ? encoder.encode(data) : new Uint8Array(data);
    if (bytes.byteLength > controlBytesMax) {
      throw new RangeError(`a ${kind} has at most ${controlBytesMax} bytes`);
    }
    if (this.#readyState !== states.open) this.#tooLate(sent);
    else this.#inOrder(() => this.#hand(bytes.byteLength, sent, (end) => end.sendControl(kind, bytes)));
  }

  #expectConnected(): void {
    if (this.#readyState !== states.connecting) return;
    throw new DOMException("the socket is still connecting; wait for its open event", "InvalidStateError");
  }

  #tooLate(sent: Sent | undefined): void {
    if (sent !== undefined) queueMicrotask(() => sent(new Error("the socket is closing or closed")));
  }

  #hand(bytes: number, sent: Sent | undefined, send: (end: SimulatedEnd) => void): void {
    if (this.#end === null || this.#readyState === states.closed) {
      this.#tooLate(sent);
      return;
    }
    this.#sendings.handed(bytes, sent);
    send(this.#end);
  }

  /**
   * Starts the closing handshake; its end is told by `close`.
   *
   * @throws {DOMException} `InvalidAccessError` for a code other than 1000 and 3000 to 4999 (on a server's end other than those
   * that may be sent), `SyntaxError` for a reason of more than 123 bytes
   */
  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999) && !(this.#accepted && isSent(code))) {
      throw new DOMException(`close code ${code} is neither 1000 nor from 3000 to 4999`, "InvalidAccessError");
    }
    if (encoder.encode(reason).byteLength > reasonBytesMax) {
      throw new DOMException(`a reason has at most ${reasonBytesMax} bytes`, "SyntaxError");
    }
    if (this.#readyState === states.connecting) this.#abort();
    else if (this.#readyState === states.open) {
      this.#readyState = states.closing;
      // Without a code the close frame is empty, which the other end reads as 1005.
      this.#inOrder(() => this.#end?.close(code ?? 1005, code === undefined ? "" : reason));
    }
  }

  /** Ends the connection without a closing handshake. */
  terminate(): void {
    if (this.#readyState === states.connecting) this.#abort();
    else if (this.#readyState !== states.closed) {
      this.#readyState = states.closing;
      this.#end?.terminate();
      queueMicrotask(() => this.closed(1006, ""));
    }
  }

  /** Stops reading: the sender is held back when the network holds enough. */
  pause(): void {
    this.#paused = this.#end?.pause() === true;
  }

  resume(): void {
    this.#paused = false;
    this.#end?.resume();
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** @internal */
  received(received: Uint8Array): void {
    const copy = new Uint8Array(received);
    const bytes = this.binaryType === "arraybuffer" ? copy.buffer : wsBytes(copy);
    this.#message(this.binaryType === "blob" ? new Blob([copy]) : bytes);
    this.emit("message", bytes, true);
  }

  /** @internal */
  receivedText(text: string): void {
    this.#message(text);
    this.emit("message", wsBytes(encoder.encode(text)), false);
  }

  /** @internal */
  control(kind: "ping" | "pong", bytes: Uint8Array): void {
    if (kind === "ping" && this.#readyState === states.open) this.pong(bytes);
    this.emit(kind, wsBytes(bytes));
  }

  /** @internal */
  writable(): void {
    this.#sendings.buffered(this.#end?.bufferedBytes ?? 0);
  }

  /** @internal */
  closed(code: number, reason: string): void {
    if (this.#readyState === states.closed) return;
    this.#readyState = states.closed;
    this.#sendings.fail();
    this.#tellClosed(code, reason);
  }

  #tellClosed(code: number, reason: string): void {
    this.dispatchEvent(new MockCloseEvent(code, reason));
    this.emit("close", code, wsBytes(encoder.encode(reason)));
  }

  #answered(answered: Connected | Refusal | null): void {
    if (answered === null) this.#failed(notEstablished);
    else if ("status" in answered) this.#refused(answered);
    else {
      this.#take(answered);
      this.dispatchEvent(new Event("open"));
      this.emit("open");
    }
  }

  /** As in `ws`: whoever listens to that decides what becomes of the attempt. */
  #refused({ status, headers = {} }: Refusal): void {
    const end = (): void => this.terminate();
    const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const response = { statusCode: status, headers: Object.fromEntries(lowered) };
    if (this.emit("unexpected-response", { abort: end, destroy: end }, response)) return;
    this.#failed(`Unexpected server response: ${status}`);
  }

  #take({ end, protocol }: Connected): void {
    this.#end = end;
    this.#protocol = protocol;
    this.#readyState = states.open;
    end.drive(this);
  }

  #abort(): void {
    this.#readyState = states.closing;
    this.#giveUp();
    queueMicrotask(() => this.#failed(notEstablished));
  }

  #failed(message: string): void {
    this.#readyState = states.closed;
    this.dispatchEvent(new Event("error"));
    this.emit("error", new Error(message));
    this.#tellClosed(1006, "");
  }

  /** As in browsers: what arrives while this end closes is not told. In the style of `ws` it is. */
  #message(data: unknown): void {
    if (this.#readyState === states.open) this.dispatchEvent(new MessageEvent("message", { data }));
  }

  #inOrder(act: () => void | Promise<void>): void {
    if (this.#waiting === null) {
      const acting = act();
      if (acting !== undefined) this.#wait(acting);
    } else this.#wait(this.#waiting.then(act));
  }

  #wait(acting: Promise<void>): void {
    this.#waiting = acting;
    void acting.then(() => {
      if (this.#waiting === acting) this.#waiting = null;
    });
  }

  #handler<E extends Event>(type: SocketEvent): Handler<E> {
    return (this.#handlers.get(type) as Handler<E> | undefined) ?? null;
  }

  #handle<E extends Event>(type: SocketEvent, handler: Handler<E>): void {
    const before = this.#handlers.get(type);
    if (before !== undefined) this.removeEventListener(type, before as unknown as EventListener);
    this.#handlers.delete(type);
    if (typeof handler !== "function") return;
    this.#handlers.set(type, handler);
    this.addEventListener(type, handler as EventListener);
  }
}
