/**
 * What is wrong with a recording.
 *
 * - `NOT_A_RECORDING`: its first line is not that of one.
 * - `VERSION`: it is of a version that this package does not know.
 * - `NOT_JSON`: a line is no JSON.
 * - `BAD_FIELD`: a field is missing, unknown, of the wrong type or out of range.
 * - `BAD_ORDER`: a line does not fit those before it.
 * - `TOO_LARGE`: a line or the whole is longer than recordings are.
 */
export type RecordingErrorCode = "NOT_A_RECORDING" | "VERSION" | "NOT_JSON" | "BAD_FIELD" | "BAD_ORDER" | "TOO_LARGE";

/** A recording that cannot be read. The message names line and field, and quotes no value. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
  readonly code: RecordingErrorCode;
  /** From 1; null where it is the whole. */
  readonly line: number | null;
  /** Null where it is the whole line. */
  readonly field: string | null;

  constructor(code: RecordingErrorCode, line: number | null, field: string | null, fault: string) {
    const where = [...(line === null ? [] : [`line ${line}`]), ...(field === null ? [] : [field])];
    super([...where, fault].join(": "));
    this.code = code;
    this.line = line;
    this.field = field;
  }
}
