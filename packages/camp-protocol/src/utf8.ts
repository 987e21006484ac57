// Text on the wire: strict for messages and names, lenient for ERROR and BYE (rule 13). ignoreBOM keeps a leading BOM
// as the character that it is.

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to here a loop over ASCII is faster than a call of TextEncoder or TextDecoder with the view that it needs (0.1 µs). */
const SHORT_TEXT_BYTES = 32;
const REPLACEMENT = "\uFFFD";

/** The text from `start` to the end of the frame, or undefined if it is not valid UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number): string | undefined {
  if (bytes.length - start <= SHORT_TEXT_BYTES) {
    const text = readAscii(bytes, start);
    if (text !== undefined) return text;
  }
  return decodeStrict(viewFrom(bytes, start));
}

/** The text from `start` on with U+FFFD for whatever is not valid UTF-8; `replaced` tells whether there was any. */
export function readUtf8Lenient(bytes: Uint8Array, start: number): { text: string; replaced: boolean } {
  const view = viewFrom(bytes, start);
  const text = lenient.decode(view);
  // A U+FFFD may also have been sent as such; only then the text is decoded a second time.
  return { text, replaced: text.includes(REPLACEMENT) && decodeStrict(view) === undefined };
}

/** A plain Uint8Array even of a Buffer, whose own `subarray` would hand out a Buffer, and more slowly. */
export function viewFrom(bytes: Uint8Array, start: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
}

/** The bytes of `text` as UTF-8, a lone surrogate counted as the U+FFFD that it becomes. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Either half of a surrogate pair adds one: four bytes for two units. A lone one takes three.
    bytes += unit < 0x800 || isPaired(text, i, unit) ? 1 : 2;
  }
  return bytes;
}

/**
 * The longest beginning of `text` that takes at most `bytesMax` bytes of UTF-8 and ends at a character boundary.
 * Lone surrogates become U+FFFD.
 */
export function cutUtf8(text: string, bytesMax: number): string {
  // encodeInto never writes a part of a character, and no text needs more than three bytes a unit.
  const room = new Uint8Array(Math.max(0, Math.min(bytesMax, text.length * 3)));
  const { written } = encoder.encodeInto(text, room);
  return lenient.decode(room.subarray(0, written));
}

/**
 * Writes `text` to `into` from `start` on, where there is room for at least one byte a character; the written bytes,
 * or undefined if it does not fit as a whole.
 */
export function writeUtf8(text: string, into: Uint8Array, start: number): number | undefined {
  if (text.length <= SHORT_TEXT_BYTES && writeAscii(text, into, start)) return text.length;
  const { read, written } = encoder.encodeInto(text, viewFrom(into, start));
  return read === text.length ? written : undefined;
}

function decodeStrict(view: Uint8Array): string | undefined {
  try {
    return strict.decode(view);
  } catch {
    return undefined;
  }
}

/** Eight characters at a time: one call that makes a string costs as much for eight as for one. */
function readAscii(bytes: Uint8Array, start: number): string | undefined {
  const end = bytes.length;
  let text = "";
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const a = bytes[at]!;
    const b = bytes[at + 1]!;
    const c = bytes[at + 2]!;
    const d = bytes[at + 3]!;
    const e = bytes[at + 4]!;
    const f = bytes[at + 5]!;
    const g = bytes[at + 6]!;
    const h = bytes[at + 7]!;
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < end; at++) {
    const unit = bytes[at]!;
    if (unit > 0x7f) return undefined;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** Writes as far as the text is ASCII; whether it was to the end. */
function writeAscii(text: string, into: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    into[start + i] = unit;
  }
  return true;
}

function isPaired(text: string, at: number, unit: number): boolean {
  if (unit >= 0xd800 && unit <= 0xdbff) return isLow(text.charCodeAt(at + 1));
  return isLow(unit) && isHigh(text.charCodeAt(at - 1));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
