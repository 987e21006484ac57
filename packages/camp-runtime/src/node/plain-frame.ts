/** FIN and opcode 2: one whole binary message. */
const finalBinary = 0x82;
const maskBit = 0x80;
const keyBytes = 4;

/**
 * How a frame leaves: with a random key, as the RFC asks of clients; under the key 0, which changes nothing; or without a key,
 * as a server's.
 */
export type Mask = "random key" | "zero key" | "none";

/** How a frame leaves whose payload nobody has to touch. */
export type PlainMask = Exclude<Mask, "random key">;

/** What the header of a frame with such a payload takes. */
export function headerBytesOf(payloadBytes: number, mask: PlainMask): number {
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  return 2 + lengthBytes + (mask === "none" ? 0 : keyBytes);
}

/**
 * Writes the beginning of a binary WebSocket frame whose payload leaves as it is (RFC 6455, section 5.2): its header and the first
 * bytes of the payload, of which `restBytes` more follow. Returns the position behind it.
 */
export function writePlainFrame(
  into: Buffer,
  at: number,
  first: Uint8Array,
  restBytes: number,
  mask: PlainMask,
): number {
  const payloadBytes = first.byteLength + restBytes;
  const bit = mask === "none" ? 0 : maskBit;
  const payloadAt = at + headerBytesOf(payloadBytes, mask);
  into[at] = finalBinary;
  if (payloadBytes < 126) into[at + 1] = bit | payloadBytes;
  else if (payloadBytes < 65_536) {
    into[at + 1] = bit | 126;
    into.writeUInt16BE(payloadBytes, at + 2);
  } else {
    into[at + 1] = bit | 127;
    into.writeUInt32BE(0, at + 2);
    into.writeUInt32BE(payloadBytes, at + 6);
  }
  if (mask === "zero key") for (let key = payloadAt - keyBytes; key < payloadAt; key++) into[key] = 0;
  into.set(first, payloadAt);
  return payloadAt + first.byteLength;
}

/** The same in memory of its own. */
export function plainFrame(first: Uint8Array, restBytes: number, mask: PlainMask): Buffer {
  const frame = Buffer.allocUnsafe(headerBytesOf(first.byteLength + restBytes, mask) + first.byteLength);
  writePlainFrame(frame, 0, first, restBytes, mask);
  return frame;
}
