import { tooLarge } from "./errors.js";
import { utf8Length, writeUtf8 } from "./utf8.js";

// Room for outgoing frames. An array of its own for every small frame would cost more than all the rest of encoding:
// beyond 64 bytes V8 asks the system for memory and registers it for collection (about 0.4 µs). So small frames are
// views into a slab, one after the other; no byte of a slab is ever used twice, and a slab goes when its frames did.
// The slab belongs to the module, not to an encoder: sessions that are idle then hold none.

/** Small, for a frame that waits for its ACK keeps the whole slab alive. */
const SLAB_BYTES = 8192;
/** Larger frames have memory of their own, so at most a quarter of a slab stays unused. */
const SLAB_FRAME_BYTES_MAX = 2048;

let slab = new Uint8Array(SLAB_BYTES);
let slabUsedBytes = 0;

/** An array of exactly `bytes` bytes. They need not be 0: a platform may use what lies behind a text as scratch. */
export function allocate(bytes: number): Uint8Array {
  if (bytes > SLAB_FRAME_BYTES_MAX) return new Uint8Array(bytes);
  reserve(bytes);
  return take(bytes);
}

/** Makes the error for a field that is longer than its limit. */
export type TooLarge = (field: string, bytes: number, bytesMax: number) => Error;

/**
 * An array with `text` behind `headerBytes` bytes of room for a header, without a byte more.
 *
 * @throws what `refuse` makes of `field` if the text takes more than `textBytesMax` bytes; by default the
 * CampProtocolError TOO_LARGE.
 */
export function allocateText(
  headerBytes: number,
  text: string,
  field: string,
  textBytesMax: number,
  refuse: TooLarge = tooLarge,
): Uint8Array {
  const bytesMax = headerBytes + text.length * 3;
  if (bytesMax > SLAB_FRAME_BYTES_MAX || text.length * 3 > textBytesMax) {
    return allocateLongText(headerBytes, text, field, textBytesMax, refuse);
  }
  // The length is known once the text is written, so it is written to where the frame will be.
  reserve(bytesMax);
  return take(headerBytes + writeUtf8(text, slab, slabUsedBytes + headerBytes)!);
}

/** Most long texts are ASCII, one byte a character; counting first would take longer than writing. */
function allocateLongText(
  headerBytes: number,
  text: string,
  field: string,
  textBytesMax: number,
  refuse: TooLarge,
): Uint8Array {
  if (text.length <= textBytesMax) {
    const frame = allocate(headerBytes + text.length);
    if (writeUtf8(text, frame, headerBytes) !== undefined) return frame;
  }
  const textBytes = utf8Length(text);
  if (textBytes > textBytesMax) throw refuse(field, textBytes, textBytesMax);
  const frame = allocate(headerBytes + textBytes);
  writeUtf8(text, frame, headerBytes);
  return frame;
}

function reserve(bytes: number): void {
  if (slabUsedBytes + bytes <= SLAB_BYTES) return;
  slab = new Uint8Array(SLAB_BYTES);
  slabUsedBytes = 0;
}

function take(bytes: number): Uint8Array {
  const frame = new Uint8Array(slab.buffer, slabUsedBytes, bytes);
  slabUsedBytes += bytes;
  return frame;
}
