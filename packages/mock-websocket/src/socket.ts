import { MockCloseEvent } from "./close-event.js";
import type { EndInputs, SimulatedEnd } from "./network/index.js";

/** An end of a connection, and the subprotocol that was agreed on. */
export interface Connected {
  readonly end: SimulatedEnd;
  readonly protocol: string;
}

/** How a socket comes to its connection. */
export interface Dialler {
  /** Null refuses. What it returns gives the attempt up; `answer` is then not called. */
  dial(url: URL, protocols: readonly string[], answer: (connected: Connected | null) => void): () => void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const reasonBytesMax = 123;
const states = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;

type Handler<E extends Event> = ((event: E) => void) | null;
type SocketEvent = "open" | "message" | "close" | "error";

/**
 * A WebSocket of the standard interface at one end of a simulated connection: states, events, exceptions and close codes are
 * those of browsers. `terminate`, `pause` and `resume` are those of `ws`.
 */
export class MockSocket extends EventTarget implements EndInputs {
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
  binaryType: "blob" | "arraybuffer" = "blob";
  readonly #handlers = new Map<SocketEvent, (event: never) => void>();
  readonly #giveUp: () => void;
  #end: SimulatedEnd | null = null;
  #protocol = "";
  #readyState: 0 | 1 | 2 | 3 = states.connecting;
  /** Bytes that were given to `send` too late. */
  #unsentBytes = 0;
  /** Blobs are read before they are sent, and what follows them waits. */
  #waiting: Promise<void> | null = null;
  #waitingBytes = 0;

  /** @throws {DOMException} `SyntaxError` for a URL or subprotocol that browsers refuse. */
  constructor(dialler: Dialler, url: string | URL, protocols: string | readonly string[] = []) {
    super();
    const target = checkedUrl(url);
    const offered = checkedProtocols(typeof protocols === "string" ? [protocols] : protocols);
    this.url = target.href;
    this.#giveUp = dialler.dial(target, offered, (connected) => this.#answered(connected));
  }

  /** The other end of a connection that was accepted. It is open from the start and has no `open` event. */
  static accepted(connected: Connected, url: URL): MockSocket {
    const socket = new MockSocket({ dial: () => () => {} }, url);
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

  /** @throws {DOMException} `InvalidStateError` before it is open. Once it closes, what is sent is lost, as in browsers. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.#readyState === states.connecting) {
      throw new DOMException("the socket is still connecting; wait for its open event", "InvalidStateError");
    }
    const content = contentOf(data);
    const bytes = content instanceof Blob ? content.size : content.byteLength;
    if (this.#readyState !== states.open) {
      this.#unsentBytes += bytes;
    } else if (content instanceof Blob) {
      this.#waitingBytes += bytes;
      this.#inOrder(async () => {
        const read = new Uint8Array(await content.arrayBuffer());
        this.#waitingBytes -= bytes;
        this.#end?.send(read);
      });
    } else {
      // Copied: the caller may reuse its buffer.
      const bytesOf = content instanceof Uint8Array ? content.slice() : null;
      this.#inOrder(() =>
        bytesOf === null ? this.#end?.sendText((content as Text).text, bytes) : this.#end?.send(bytesOf),
      );
    }
  }

  /**
   * Starts the closing handshake; its end is told by `close`.
   *
   * @throws {DOMException} `InvalidAccessError` for a code other than 1000 and 3000 to 4999, `SyntaxError` for a reason of
   * more than 123 bytes
   */
  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
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
    this.#end?.pause();
  }

  resume(): void {
    this.#end?.resume();
  }

  /** @internal */
  received(bytes: Uint8Array): void {
    const data = this.binaryType === "blob" ? new Blob([bytes.slice()]) : bytes.slice().buffer;
    this.#message(data);
  }

  /** @internal */
  receivedText(text: string): void {
    this.#message(text);
  }

  /** @internal */
  writable(): void {}

  /** @internal */
  closed(code: number, reason: string): void {
    if (this.#readyState === states.closed) return;
    this.#readyState = states.closed;
    this.dispatchEvent(new MockCloseEvent(code, reason));
  }

  #answered(connected: Connected | null): void {
    if (connected === null) this.#failed();
    else {
      this.#take(connected);
      this.dispatchEvent(new Event("open"));
    }
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
    queueMicrotask(() => this.#failed());
  }

  #failed(): void {
    this.#readyState = states.closed;
    this.dispatchEvent(new Event("error"));
    this.dispatchEvent(new MockCloseEvent(1006, ""));
  }

  #message(data: unknown): void {
    // As in browsers: what arrives while this end closes is not told.
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

interface Text {
  readonly text: string;
  readonly byteLength: number;
}

function contentOf(data: string | ArrayBuffer | ArrayBufferView | Blob): Text | Uint8Array | Blob {
  if (data instanceof Blob) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // There and back: lone surrogates become U+FFFD, as on the wire.
  const bytes = encoder.encode(String(data));
  return { text: decoder.decode(bytes), byteLength: bytes.byteLength };
}

function checkedUrl(url: string | URL): URL {
  const target = parsed(String(url));
  if (target.protocol === "http:") target.protocol = "ws:";
  if (target.protocol === "https:") target.protocol = "wss:";
  if (target.protocol !== "ws:" && target.protocol !== "wss:")
    throw syntax("the URL of a socket begins with ws: or wss:");
  if (target.hash !== "" || target.href.endsWith("#")) throw syntax("the URL of a socket has no fragment");
  return target;
}

function parsed(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw syntax("the URL of a socket cannot be parsed");
  }
}

function checkedProtocols(protocols: readonly string[]): readonly string[] {
  if (!protocols.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))) throw syntax("a subprotocol is no HTTP token");
  if (new Set(protocols).size < protocols.length) throw syntax("a subprotocol is offered twice");
  return protocols;
}

function syntax(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
