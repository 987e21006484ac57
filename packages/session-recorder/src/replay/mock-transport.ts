import type { SessionInputs, Transport } from "camp-session";
import type { MockSocket } from "mock-websocket";

const open = 1;
const decoder = new TextDecoder();

/** One end of a mock connection as a session's transport: real sessions run over it unchanged. */
export class MockTransport implements Transport {
  readonly #socket: MockSocket;
  #session: SessionInputs | null = null;
  #receivedBytes = 0;
  #telling = false;

  constructor(socket: MockSocket) {
    this.#socket = socket;
  }

  /** From now on the session is told what happens on the connection. */
  drive(session: SessionInputs): void {
    if (this.#session === null) this.#listen();
    this.#session = session;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  send(bytes: Uint8Array, body?: Uint8Array): void {
    if (this.#socket.readyState !== open) return;
    const whole = body === undefined ? bytes : joined(bytes, body);
    this.#socket.send(whole as Uint8Array<ArrayBuffer>, (error) => {
      if (error === undefined) this.#left();
    });
  }

  pause(): boolean {
    this.#socket.pause();
    return this.#socket.isPaused;
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch {
      this.#socket.close(); // as from a page, which may not say every code
    }
  }

  terminate(): void {
    this.#socket.removeAllListeners();
    this.#socket.terminate();
    this.#session = null;
  }

  #listen(): void {
    this.#socket.binaryType = "arraybuffer";
    this.#socket.on("message", (data, isBinary) => {
      this.#receivedBytes += data.byteLength;
      if (isBinary) this.#session?.received(new Uint8Array(data));
      else this.#session?.receivedText();
    });
    this.#socket.on("close", (code, reason) => this.#session?.closed(code, decoder.decode(reason)));
  }

  /** Once for all that left in a turn. */
  #left(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      this.#session?.writable();
    });
  }
}

function joined(bytes: Uint8Array, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.byteLength + body.byteLength);
  whole.set(bytes);
  whole.set(body, bytes.byteLength);
  return whole;
}
