import type { Random } from "../protocol/index.js";

/** What the messenger uses of a CAMP session; those of camp-client-node and camp-client-browser have it. */
export interface ClientSession {
  readonly base: { SendUTF8(text: string): Promise<boolean> };
  readonly transaction: {
    Stream(source: AsyncIterable<Uint8Array>, options: StreamOptions): Promise<void>;
    WaitForStream(name: string, timeoutMs: number): Promise<AsyncIterable<Uint8Array>>;
  };
  on(event: "message-utf8", listener: (text: string) => void): unknown;
  on(event: "closed", listener: (code: number, reason: string) => void): unknown;
  Close(reason: string): Promise<unknown>;
}

interface StreamOptions {
  readonly streamName: string;
  readonly size: bigint;
  readonly onProgress?: (sentBytes: bigint) => void;
}

/** Time as the messenger knows it. */
export interface ClientClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once, unless the returned function is called before. */
  after(ms: number, call: () => void): () => void;
}

/** What a messenger is handed of the world. */
export interface ClientWorld {
  /**
   * Opens one connection, with `reconnect: false`: the messenger connects again by itself, because every connection registers
   * before it says anything else.
   *
   * @param signal aborted when the messenger no longer wants it, so that a program can end while no server answers
   */
  connect(signal: AbortSignal): Promise<ClientSession>;
  /** As dialled: `new URL(url).origin` of the WebSocket URL. */
  readonly origin: string;
  readonly clock: ClientClock;
  readonly random: Random;
}
