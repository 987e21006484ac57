import type { DropReason } from "./events.js";

/** The base of every error that a session hands out. `code` is stable and meant for programs, `message` for people. */
export class CampError extends Error {
  // Each class says its name itself: bundlers for browsers shorten those of classes.
  override readonly name: string = "CampError";
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The queue was full and the drop policy chose this message. Slow down (`session.drained()`) or raise the limits. */
export class DroppedError extends CampError {
  override readonly name = "DroppedError";
  readonly reason: DropReason;
  constructor(reason: DropReason, detail: string) {
    super("DROPPED", `message dropped (${reason}): ${detail}`);
    this.reason = reason;
  }
}

/** The peer did not acknowledge in time. It may still have received the message. */
export class AckTimeoutError extends CampError {
  override readonly name = "AckTimeoutError";
  constructor(what: string, timeoutMs: number) {
    super("ACK_TIMEOUT", `${what} was not acknowledged within ${timeoutMs} ms`);
  }
}

/** The session has ended or is ending. `closeCode` and `reason` are those of the `closed` event, as far as known. */
export class SessionClosedError extends CampError {
  override readonly name = "SessionClosedError";
  readonly closeCode: number;
  readonly reason: string;
  constructor(closeCode: number, reason: string) {
    super("SESSION_CLOSED", `session closed (${closeCode}${reason === "" ? "" : `, ${reason}`})`);
    this.closeCode = closeCode;
    this.reason = reason;
  }
}

/** The connection was lost; the session goes on with the next one, what carried this error does not. */
export class ConnectionLostError extends CampError {
  override readonly name = "ConnectionLostError";
  constructor(what: string) {
    super("CONNECTION_LOST", `${what} ended because the connection was lost`);
  }
}

/**
 * The connection was cut while this was under way, and the session could not be resumed: the peer may have received it or not.
 * Ask the peer, or do again what may be done twice.
 */
export class ResumeFailedError extends CampError {
  override readonly name = "ResumeFailedError";
  constructor(why: string) {
    super("RESUME_FAILED", `${why}; whether the peer received this is unknown`);
  }
}

/** A message is larger than the dialect allows. The message of the error names the way out that the dialect has. */
export class PayloadTooLargeError extends CampError {
  override readonly name = "PayloadTooLargeError";
  constructor(bytes: number, bytesMax: number, wayOut: string) {
    super("PAYLOAD_TOO_LARGE", `payload of ${bytes} bytes exceeds ${bytesMax}; ${wayOut}`);
  }
}

/** The two ends speak different versions of the protocol. */
export class VersionMismatchError extends CampError {
  override readonly name = "VersionMismatchError";
  constructor(peer: number, own: number) {
    super("VERSION", `the peer speaks version ${peer} of the protocol, this end version ${own}`);
  }
}

/** The channel between the two ends is not encrypted as it should be. `closeCode` is 4010 if only one uses CALE, else 4011. */
export class CaleError extends CampError {
  override readonly name = "CaleError";
  readonly closeCode: number;
  constructor(closeCode: number, fault: string) {
    super("CALE", fault);
    this.closeCode = closeCode;
  }
}

/** A hook took too long or left a value that cannot be sent. */
export class HookError extends CampError {
  override readonly name = "HookError";
  constructor(message: string) {
    super("HOOK", message);
  }
}

/** The other end of the stream, or this one, cancelled it. */
export class StreamCancelledError extends CampError {
  override readonly name = "StreamCancelledError";
  constructor(what: string, reason: string) {
    super("STREAM_CANCELLED", `${what} was cancelled: ${reason}`);
  }
}

/** The source of a stream failed: on the sending end `cause` has its error, on the reading end the message its reason. */
export class StreamSourceError extends CampError {
  override readonly name = "StreamSourceError";
  constructor(what: string, reason: string, options?: ErrorOptions) {
    super("STREAM_SOURCE", `${what} failed at its source: ${reason}`, options);
  }
}

/** Bytes of a stream came at the wrong place or in the wrong number. */
export class StreamDataError extends CampError {
  override readonly name = "StreamDataError";
  constructor(what: string, fault: string) {
    super("STREAM_DATA", `${what} broke off: ${fault}`);
  }
}

/** The sender finished a pull stream of which some ranges never came. `holes` are half-open ranges. */
export class StreamIncompleteError extends CampError {
  override readonly name = "StreamIncompleteError";
  readonly holes: ReadonlyArray<readonly [bigint, bigint]>;
  constructor(what: string, holes: ReadonlyArray<readonly [bigint, bigint]>) {
    const list = holes.map(([start, end]) => `${start}..${end}`).join(", ");
    super("STREAM_INCOMPLETE", `${what} was finished by its sender without ${list}`);
    this.holes = holes;
  }
}

/** A push stream was not read for so long that it held up its whole session. */
export class StreamStalledError extends CampError {
  override readonly name = "StreamStalledError";
  constructor(what: string, timeoutMs: number) {
    super("STREAM_STALLED", `${what} was not read for ${timeoutMs} ms; use a pull stream for slow readers`);
  }
}

/** Waiting for a stream or for its bytes took too long. */
export class StreamTimeoutError extends CampError {
  override readonly name = "StreamTimeoutError";
  constructor(what: string, timeoutMs: number) {
    super("STREAM_TIMEOUT", `${what} within ${timeoutMs} ms`);
  }
}
