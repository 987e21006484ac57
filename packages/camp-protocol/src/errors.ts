/**
 * What is wrong with a frame.
 *
 * - `MALFORMED`: too short or too long for its type, invalid UTF-8, or a field outside its range. Close 4001.
 * - `FOREIGN_SID`: well formed so far, but it names another session. Close 4001.
 * - `TOO_LARGE`: payload, name or reason over its limit. Received: close 4001. Encoding: the caller's mistake.
 * - `UNKNOWN_TYPE`: answered with ERROR and ignored; past 16 in a minute close 4001 (section 8).
 */
export type CampProtocolErrorCode = "MALFORMED" | "UNKNOWN_TYPE" | "FOREIGN_SID" | "TOO_LARGE";

/**
 * The one error of the codec. Its message names the field, the number and the limit, and never holds a byte of
 * payload, so that it may be logged and sent to the peer.
 */
export class CampProtocolError extends Error {
  override readonly name = "CampProtocolError";
  readonly code: CampProtocolErrorCode;
  /** The type byte of the frame; only with `UNKNOWN_TYPE`. */
  declare readonly frameType?: number;

  constructor(code: CampProtocolErrorCode, message: string, frameType?: number) {
    super(message);
    this.code = code;
    if (frameType !== undefined) this.frameType = frameType;
  }
}

/** An error for a field of a received frame that does not fit its layout. */
export function malformed(what: string): CampProtocolError {
  return new CampProtocolError("MALFORMED", what);
}

/** An error for a field that is longer than its limit, whoever made the frame. */
export function tooLarge(field: string, bytes: number, bytesMax: number): CampProtocolError {
  return new CampProtocolError("TOO_LARGE", `${field} of ${bytes} bytes exceeds ${bytesMax}`);
}
