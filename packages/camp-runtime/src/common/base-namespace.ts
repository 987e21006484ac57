import type { SessionEngine } from "camp-session";
import { expectOptions, expectString, wrongType } from "./arguments.js";
import { bytesOf } from "./bytes.js";

/** What a message may be sent with. */
export interface SendOptions {
  /** With the drop policy `dedupe-latest`, a waiting message of the same key is replaced by this one, at its place. */
  readonly key?: string;
}

/**
 * `session.base`: messages. Each promise resolves to `true` when the peer acknowledged the message, to `false` when a
 * hook stopped it; it rejects with `DroppedError`, `AckTimeoutError`, `SessionClosedError` or `PayloadTooLargeError`. A
 * promise that nobody awaits raises nothing. Messages arrive in the order of the calls (spec: api "Sending").
 */
export class BaseNamespace {
  readonly #engine: Pick<SessionEngine, "send" | "ping">;

  constructor(engine: Pick<SessionEngine, "send" | "ping">) {
    this.#engine = engine;
  }

  /** Sends a text of at most 1 MiB in UTF-8. Lone surrogates become U+FFFD. */
  SendUTF8(data: string, options?: SendOptions): Promise<boolean> {
    expectString("data", data);
    expectSendOptions(options);
    return this.#engine.send("utf8", data, options);
  }

  /** Sends at most 1 MiB of bytes, which may be reused once the call returned. */
  SendBinary(data: Uint8Array | ArrayBuffer, options?: SendOptions): Promise<boolean> {
    const bytes = bytesOf(data);
    if (bytes === null) throw wrongType("data", "a Buffer, Uint8Array or ArrayBuffer", data);
    expectSendOptions(options);
    return this.#engine.send("binary", bytes, options);
  }

  /** Tells the peer of a fault; its session emits `message-error`. */
  SendError(message: string): Promise<boolean> {
    expectString("message", message);
    return this.#engine.send("error", message);
  }

  /** Resolves with the round-trip time in milliseconds; rejects when the connection ends first. */
  Ping(): Promise<number> {
    return this.#engine.ping();
  }
}

function expectSendOptions(options: SendOptions | undefined): void {
  if (options === undefined) return;
  expectOptions("options", options);
  if (options.key !== undefined) expectString("options.key", options.key);
}
