/** The size of every message of bare `ws` in bulk runs: that of our chunks. */
export const chunkBytes = 64 * 1024;

/** Bytes that do not compress to nothing, in case somebody on the way tries. */
export function someBytes(length) {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 167 + (at >> 8)) & 0xff;
  return bytes;
}

/** The same piece again and again, as an application would yield it. */
export async function* pieces(bytes, pieceBytes) {
  const piece = someBytes(pieceBytes);
  for (let left = bytes; left > 0; left -= pieceBytes) yield left >= pieceBytes ? piece : piece.subarray(0, left);
}

/** What a number of bytes in so many seconds comes to. */
export function megabytesPerSecond(bytes, seconds) {
  return bytes / 1e6 / seconds;
}
