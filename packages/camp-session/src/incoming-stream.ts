/**
 * Where an incoming stream stands. "ended" once all bytes were taken. "failed" at once and with nothing left to take; with
 * `StreamIncompleteError` only once the bytes that did arrive were taken.
 */
export type StreamState =
  | { readonly at: "open" }
  | { readonly at: "ended" }
  | { readonly at: "failed"; readonly error: Error };

/** A stream that the peer sends, as its reader sees it. */
export interface IncomingStream {
  readonly txId: number;
  /** The name given by the sender, `anonymous` if it gave none. */
  readonly name: string;
  /** Bytes in all, or null when the sender does not know. */
  readonly size: bigint | null;
  readonly behaviour: "push" | "pull";
  /** Bytes that arrived so far, taken or not. */
  readonly receivedBytes: bigint;
  readonly state: StreamState;
  /** Called whenever bytes arrived, the end came or the stream failed. One reader at a time. */
  onChange: (() => void) | null;
  /**
   * The next bytes, which belong to the caller, or null when there are none at the moment: wait for `onChange` and look at
   * `state`. Taking is what grants credit and fetches more.
   */
  take(): Uint8Array | null;
  /** Asks the sender to stop and fails the stream with `StreamCancelledError`. Nothing happens after the end. */
  cancel(reason: string): void;
}
