import type { Messaging } from "./messaging.js";
import type { Traffic } from "./traffic.js";

/** What a session did so far: a snapshot that does not change any more. */
export interface SessionStats {
  /** Exponentially weighted average (alpha 0.2) of the time from hand-over to acknowledgement; null before the first. */
  readonly rttMs: number | null;
  /** Bytes of frames, without what WebSocket and TCP add. */
  readonly bytesRx: number;
  readonly bytesTx: number;
  readonly framesRx: number;
  readonly framesTx: number;
  /** Messages that were not acknowledged in time. */
  readonly ackTimeouts: number;
  readonly unackedFrames: number;
  readonly queuedFrames: number;
  readonly queuedBytes: number;
  readonly droppedFrames: number;
  readonly openStreams: number;
  /** Acknowledgements of numbers that were not outstanding. */
  readonly strayAcks: number;
  /** Stream frames for streams that were unknown or had ended. */
  readonly strayFrames: number;
  /** Pings beyond the rate that is answered. */
  readonly unansweredPings: number;
  /** Texts in which invalid UTF-8 was replaced by U+FFFD. */
  readonly replacedTexts: number;
}

/** How things stand now. */
export function snapshot(messaging: Messaging, traffic: Traffic, openStreams: number): SessionStats {
  const { bytesRx, bytesTx, framesRx, framesTx, droppedFrames } = traffic;
  const { strayAcks, strayFrames, unansweredPings, replacedTexts } = traffic;
  const { queuedFrames, queuedBytes } = messaging.outbox;
  return {
    rttMs: messaging.rttMs,
    ...{ bytesRx, bytesTx, framesRx, framesTx },
    ackTimeouts: messaging.ackClock.timeouts,
    unackedFrames: messaging.unackedFrames,
    ...{ queuedFrames, queuedBytes, droppedFrames, openStreams },
    ...{ strayAcks, strayFrames, unansweredPings, replacedTexts },
  };
}
