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
