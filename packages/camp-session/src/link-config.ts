import type { BufferBudget } from "./budget.js";
import type { Clock } from "./clock.js";
import type { FrameTrace, SessionEvents } from "./events.js";
import type { Hooks, Payload } from "./hooks.js";
import type { SessionSettings } from "./limits.js";
import type { MessageFrames } from "./messaging.js";
import type { OutFrame } from "./out-frame.js";

/** What every session is made of, whatever its dialect. */
export interface LinkConfig {
  /** Decides who pings at every beat and who says BYE when the versions differ. */
  readonly role: "client" | "server";
  readonly settings: SessionSettings;
  readonly clock: Clock;
  readonly events: SessionEvents;
  readonly hooks: Hooks;
  /** Whether a lost connection is followed by another. */
  readonly reconnects: boolean;
  /** 0 to 1: spreads the heartbeats of many sessions over their interval. */
  readonly phase: number;
  readonly budget?: BufferBudget | undefined;
  readonly trace?: FrameTrace;
  /**
   * Memory of its own, in UTF-8 for a text, for a payload that is large enough to leave from there instead of from within its
   * frame; else null. Nobody ever writes to it, so sessions may share it.
   */
  readonly keepPayload?: ((payload: Payload) => Uint8Array | null) | undefined;
}

/** What a link asks of the dialect that it carries. */
export interface LinkDialect extends MessageFrames {
  pingFrame(): OutFrame;
  /** An ERROR frame of the protocol's own. */
  fault(text: string): OutFrame;
  /** The last frame before a graceful close, settled when it was acknowledged; null where the dialect has none. */
  bye(reason: string, settled: () => void): OutFrame | null;
  /** A connection begins: introduce this end. */
  greet(): void;
  /** The handshake was not over within `handshakeTimeoutMs`. */
  late(): void;
  /** One message of the transport. */
  receive(bytes: Uint8Array): void;
  /** Streams end with this error: the connection is gone, or the session has `ended`. */
  failStreams(error: Error, ended: boolean): void;
  /** Whether the peer can come back to this session as it is now. */
  readonly resumable: boolean;
  /** This end closes the connection: its last word, before the close frame. */
  ending(): void;
  /** The connection is lost, with this code; the session is kept for its peer. */
  hold(code: number, reason: string): void;
  /** The session that is held takes up too much. */
  giveUp(): void;
  /** A heartbeat. */
  beat(): void;
  readonly openStreams: number;
}
