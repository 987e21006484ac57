import type { TokenState } from "camp-protocol";
import type { MessageKind, Payload } from "./hooks.js";

/** Why a queued message was given up. */
export type DropReason = "oldest" | "newest" | "replaced" | "too-large";

/** What a session tells its owner. Every call comes last, when the session's state is already consistent. */
export interface SessionEvents {
  /** A connection begins, the first or a later one; its handshake follows. */
  attached?(): void;
  /** The handshake of the first connection is over. Once per session. */
  connected(): void;
  /** The connection was lost and the session waits for another: where `reconnects` is set, or the peer may resume. */
  disconnected(code: number, reason: string): void;
  /**
   * The handshake of a later connection is over. `resumed` tells whether the session goes on where it was cut: nothing is
   * lost and nothing comes twice. Otherwise it began anew.
   */
  reconnected(resumed: boolean): void;
  /** The connection is encrypted from now on, the first or a later one: after `connected` or `reconnected`. Only with CALE. */
  secure?(): void;
  /**
   * A message arrived and passed its hooks. Binary payloads belong to the receiver of the event. `plaintext` is set if it was
   * not encrypted although the session asked for that, which only `acceptPlaintextBeforeFirstRecord` allows.
   */
  message(kind: MessageKind, payload: Payload, plaintext?: true): void;
  /** A heartbeat: time to publish statistics. `ackTimeouts` counts those since the last beat. */
  beat(ackTimeouts: number): void;
  /** A queued message was given up. Its promise rejects as well. */
  dropped(reason: DropReason, kind: MessageKind): void;
  /** Sending is possible again after it had to wait. */
  drain(): void;
  /** A stream began and nobody waits for its name yet. `size` is null where the sender does not know it. */
  streamWaiting?(name: string, size: bigint | null): void;
  /** A stream was cancelled because nobody waited for it. */
  streamUnclaimed(name: string, txId: number): void;
  /** On a server: the client offers a new token. It is a secret. */
  tokenOffered?(token: string): void;
  /** On a client: what became of the token that was offered, or that the present one ends soon (docs/protocol-extensions.md). */
  tokenState?(state: TokenState, remainingMs: number): void;
  /** A hook threw, took too long, or left something in its box that cannot be sent. */
  hookFailed(extension: string, error: Error): void;
  /** Something went wrong that no promise tells. Never what a peer did: that is told by `closed`. */
  error(error: Error): void;
  /** The end. Exactly once; nothing comes after it. */
  closed(code: number, reason: string): void;
}

/** Every frame that passes, for those who watch. `active` is asked before each frame and must be cheap. */
export interface FrameTrace {
  readonly active: boolean;
  frame(direction: "in" | "out", bytes: Uint8Array): void;
}
