import { MessengerError } from "./errors.js";

// Ways to damage bytes that every layout must notice. Contains no test itself.

/** Every shorter beginning of some bytes, each of the first 128 and a sample of the others. */
export function* prefixes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let end = 0; end < bytes.length; end += end < 128 ? 1 : Math.max(1, bytes.length >> 6)) {
    yield bytes.slice(0, end);
  }
  yield bytes.slice(0, -1);
}

/** The same bytes with one bit changed: a bit of each byte, or with `bits` so many of them. */
export function* flipped(bytes: Uint8Array, bits = 1): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < bits; bit++) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << (bits === 1 ? at % 8 : bit);
      yield changed;
    }
  }
}

export function isClearError(error: unknown): boolean {
  return error instanceof MessengerError && ["MALFORMED", "CANNOT_OPEN"].includes(error.code);
}
