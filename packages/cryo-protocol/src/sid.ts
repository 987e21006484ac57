import { readInt32 } from "camp-protocol/bytes";

/** A UUID as the four signed 32-bit integers that are compared and written, so that no frame touches its text. */
export type SidWords = readonly [number, number, number, number];

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A UUID in its text form of 36 characters, any case, as its lower case form; undefined for any other text. */
export function readCryoSid(text: string): string | undefined {
  return uuid.test(text) ? text.toLowerCase() : undefined;
}

/** @throws RangeError for a text that is no UUID. It does not repeat the text: an id opens a session. */
export function sidWords(sid: string): SidWords {
  if (!uuid.test(sid)) throw new RangeError("sid is no UUID of 36 characters");
  const hex = sid.replaceAll("-", "");
  const word = (index: number): number => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16) | 0;
  return [word(0), word(1), word(2), word(3)];
}

/** The text of the sid that a frame begins with. */
export function sidText(bytes: Uint8Array): string {
  let hex = "";
  for (let at = 0; at < 16; at += 4) hex += (readInt32(bytes, at) >>> 0).toString(16).padStart(8, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
