/** FIN and opcode 2: one whole binary message. */
const finalBinary = 0x82;

/**
 * The beginning of an unmasked binary WebSocket frame (RFC 6455, section 5.2): its header and the first bytes of the payload,
 * of which `restBytes` more follow.
 */
export function unmaskedFrame(first: Uint8Array, restBytes: number): Buffer {
  const payloadBytes = first.byteLength + restBytes;
  const headerBytes = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + first.byteLength);
  frame[0] = finalBinary;
  if (headerBytes === 2) frame[1] = payloadBytes;
  else if (headerBytes === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(payloadBytes, 6);
  }
  frame.set(first, headerBytes);
  return frame;
}
