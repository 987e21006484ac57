/**
 * What is wrong with a frame.
 *
 * - `MALFORMED`: too short or too long for its type, or a field outside its range.
 * - `FOREIGN_SID`: well formed so far, but it names another session.
 * - `TOO_LARGE`: a payload over its limit. Encoding: the caller's mistake.
 * - `UNKNOWN_TYPE`: a type byte over 7.
 */
export type CryoProtocolErrorCode = "MALFORMED" | "UNKNOWN_TYPE" | "FOREIGN_SID" | "TOO_LARGE";

/**
 * The one error of the codec. Its message names the field, the number and the limit, and never holds a byte of
 * payload, key or sid, so that it may be logged and sent to the peer.
 */
export class CryoProtocolError extends Error {
  override readonly name = "CryoProtocolError";
  readonly code: CryoProtocolErrorCode;
  /** The type byte of the frame; only with `UNKNOWN_TYPE`. */
  declare readonly frameType?: number;

  constructor(code: CryoProtocolErrorCode, message: string, frameType?: number) {
    super(message);
    this.code = code;
    if (frameType !== undefined) this.frameType = frameType;
  }
}

/** An error for a field of a received frame that does not fit its layout. */
export function malformed(what: string): CryoProtocolError {
  return new CryoProtocolError("MALFORMED", what);
}

/** An error for a payload that is longer than its limit, whoever made the frame. */
export function tooLarge(field: string, bytes: number, bytesMax: number): CryoProtocolError {
  return new CryoProtocolError("TOO_LARGE", `${field} of ${bytes} bytes exceeds ${bytesMax}`);
}
