import type { Readable } from "node:stream";

/** What a relay uses of a session; `CAMPServerWebsocketSession` of camp-server has it. */
export interface RelaySession {
  readonly remoteAddress: string | undefined;
  readonly info: { readonly headers: Readonly<Record<string, string | readonly string[] | undefined>> };
  readonly writable: boolean;
  readonly base: { SendUTF8(text: string): Promise<boolean> };
  readonly transaction: {
    WaitForStream(name: string, timeoutMs: number): Promise<Readable>;
    Stream(source: Readable, options: { readonly streamName: string; readonly size?: bigint }): Promise<void>;
  };
  drained(): Promise<void>;
  on(event: "message-utf8", listener: (text: string) => void): unknown;
  on(event: "message-binary", listener: () => void): unknown;
  on(event: "stream-waiting", listener: (name: string, size: bigint | null) => void): unknown;
  on(event: "connected", listener: () => void): unknown;
  on(event: "closed", listener: () => void): unknown;
  Close(reason: string, options: { readonly code: number }): Promise<unknown>;
}

/** Time as a relay knows it. */
export interface RelayClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
  /** Calls once, unless the returned function is called before. Keeps no process alive. */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: RelayClock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
