/**
 * One open WebSocket connection as a session sees it. A transport never calls back into the session from inside one of
 * these methods: what they cause is told in a later turn.
 */
export interface Transport {
  /** Bytes handed over by `send` that have not left for the network yet. */
  readonly bufferedBytes: number;
  /** Bytes that came from the peer so far, those of unfinished frames included where the platform tells. */
  readonly receivedBytes: number;
  /**
   * Sends one binary message: the bytes and, where it has them, the body and the tail right after them. All belong to the
   * transport until they have left. `writable()` follows once they did, at most once for all that was sent in one turn of
   * the event loop.
   */
  send(bytes: Uint8Array, body?: Uint8Array, tail?: Uint8Array): void;
  /** Stops `received()`; false where the platform cannot. */
  pause(): boolean;
  /** Starts `received()` again. */
  resume(): void;
  /** Sends what was handed over, then starts the closing handshake. `reason` has at most 123 bytes. */
  close(code: number, reason: string): void;
  /** Ends the connection at once, without a closing handshake. The session hears nothing of it any more. */
  terminate(): void;
}

/** What the world tells a session. Nothing else drives it. */
export interface SessionInputs {
  /** One binary message arrived. The session may keep the bytes. */
  received(bytes: Uint8Array): void;
  /** A text message arrived, which no dialect knows. */
  receivedText(): void;
  /** Bytes handed to the transport have left it. */
  writable(): void;
  /** The time asked for with `Clock.wakeAt` has come. */
  tick(): void;
  /** The connection is gone, with the code and reason of its close frame, or 1006 without one. */
  closed(code: number, reason: string): void;
}
