/** FIN and opcode 2: one whole binary message. */
const finalBinary = 0x82;
const maskBit = 0x80;
const keyBytes = 4;

/**
 * How a frame leaves: with a random key, as the RFC asks of clients; under the key 0, which changes nothing; or without a key,
 * as a server's.
 */
export type Mask = "random key" | "zero key" | "none";

/**
 * The beginning of a binary WebSocket frame whose payload leaves as it is (RFC 6455, section 5.2): its header and the first
 * bytes of the payload, of which `restBytes` more follow.
 */
export function plainFrame(first: Uint8Array, restBytes: number, mask: Exclude<Mask, "random key">): Buffer {
  const payloadBytes = first.byteLength + restBytes;
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  const bit = mask === "none" ? 0 : maskBit;
  const headerBytes = 2 + lengthBytes + (mask === "none" ? 0 : keyBytes);
  const frame = Buffer.allocUnsafe(headerBytes + first.byteLength);
  frame[0] = finalBinary;
  if (lengthBytes === 0) frame[1] = bit | payloadBytes;
  else if (lengthBytes === 2) {
    frame[1] = bit | 126;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = bit | 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(payloadBytes, 6);
  }
  if (mask === "zero key") frame.fill(0, headerBytes - keyBytes, headerBytes);
  frame.set(first, headerBytes);
  return frame;
}
