/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What stands before a payload on the wire: at most 21 bytes of a session's frame, and 10 of the WebSocket's. */
const headersBytesMax = 31;

/**
 * A Buffer for a listener to keep. A view whose frame fills less than half of the memory behind it is copied, else a message of
 * a few bytes would hold on to all that arrived together with it (rules 27).
 */
export function ownedBuffer(bytes: Uint8Array): Buffer {
  const isMostOfIt = 2 * (bytes.byteLength + headersBytesMax) >= bytes.buffer.byteLength;
  return isMostOfIt ? asBuffer(bytes) : Buffer.from(bytes);
}
