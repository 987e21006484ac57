import type { DropReason } from "./events.js";
import type { Message, OutFrame } from "./out-frame.js";

/**
 * Which classes of frames may leave: none without a connection, then those of the handshake, control frames, messages, and
 * streams. Most handshakes consist of control frames; where none may precede it, `confine("handshake")` holds them back.
 * "held" is without a connection as well, but what waits is kept for the next one.
 */
export type Gate = "shut" | "held" | "handshake" | "control" | "messages" | "streams";

/** A stream that may have frames to send. Asked again each time it is its turn. */
export interface FrameSource {
  /** The next frame, or null when there is none at the moment; the source then says so again through `streamReady`. */
  nextFrame(): OutFrame | null;
}

/** What the outbox tells the session. */
export interface OutboxEvents {
  handedOver(frame: OutFrame): void;
  dropped(message: Message, reason: DropReason, detail: string): void;
  /** Control frames pile up: the peer does not read. */
  congested(): void;
  drain(): void;
}
