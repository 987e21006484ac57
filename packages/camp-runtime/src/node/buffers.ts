import { isArrayBuffer, isUint8Array } from "node:util/types";

/** What users may pass as bytes, also from another realm such as that of a test runner; null for anything else. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (isUint8Array(value)) return value;
  return isArrayBuffer(value) ? new Uint8Array(value) : null;
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A Buffer for a listener to keep. A view that fills less than half of the memory behind it is copied, else a message of
 * a few bytes would hold on to all that arrived together with it (rules 27).
 */
export function ownedBuffer(bytes: Uint8Array): Buffer {
  return 2 * bytes.byteLength >= bytes.buffer.byteLength ? asBuffer(bytes) : Buffer.from(bytes);
}
