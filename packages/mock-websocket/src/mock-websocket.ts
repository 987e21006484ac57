import { type MockClock, platformClock } from "./clock.js";

/** What a `MockWebSocket` is made with beside its URL and delay. */
export interface MockWebSocketOptions {
  /** The global timers by default. */
  readonly clock?: Pick<MockClock, "setTimeout">;
  /** Where its lines go: the global console by default. */
  readonly console?: Pick<Console, "log" | "error">;
}

/** An event of a `MockWebSocket`. */
export interface MockEvent {
  readonly type: string;
  readonly data?: unknown;
}

type Listener = ((event: MockEvent) => void) | null;

/**
 * A socket without a peer, for pages and first experiments: it opens by itself, says on the console what it would send, and
 * receives what the test gives to `receive`. It has a state more than a WebSocket, `OPENING`, so its states have other numbers.
 * Every step takes `delay` milliseconds.
 */
export class MockWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPENING = 1;
  static readonly OPEN = 2;
  static readonly CLOSING = 3;
  static readonly CLOSED = 4;
  /** The `id` of the next one. */
  static NEXT_ID = 0;

  readonly url: string;
  readonly delay: number;
  readonly id: number;
  readyState: number = MockWebSocket.CONNECTING;
  onopen: Listener = null;
  onmessage: Listener = null;
  onclose: Listener = null;
  onerror: Listener = null;
  readonly #clock: Pick<MockClock, "setTimeout">;
  readonly #console: Pick<Console, "log" | "error">;

  constructor(url: string, delay = 1000, options: MockWebSocketOptions = {}) {
    this.url = url;
    this.delay = delay;
    this.id = MockWebSocket.NEXT_ID++;
    this.#clock = options.clock ?? platformClock;
    this.#console = options.console ?? globalThis.console;
    this.connect();
  }

  /** Opens it, in two steps; the constructor has called it already. */
  connect(): void {
    this.#later(() => {
      this.readyState = MockWebSocket.OPENING;
      this.#later(() => {
        this.readyState = MockWebSocket.OPEN;
        this.onopen?.({ type: "open" });
      });
    });
  }

  send(data: unknown): void {
    if (this.readyState === MockWebSocket.OPEN) this.#console.log("Sent:", data);
    else this.#console.error("Error: Connection not open.");
  }

  close(): void {
    if (this.readyState !== MockWebSocket.OPEN) {
      this.#console.error("Error: Connection not open.");
      return;
    }
    this.#console.log("Socket closing");
    this.#close();
  }

  /** A message arrives. */
  receive(message: unknown): void {
    if (this.readyState === MockWebSocket.OPEN) this.onmessage?.({ type: "message", data: message });
  }

  /** The other end closes. */
  remoteClose(): void {
    if (this.readyState === MockWebSocket.OPEN) this.#close();
  }

  #close(): void {
    this.readyState = MockWebSocket.CLOSING;
    this.#later(() => {
      this.readyState = MockWebSocket.CLOSED;
      this.onclose?.({ type: "close" });
    });
  }

  #later(run: () => void): void {
    this.#clock.setTimeout(run, this.delay);
  }
}
