import { textOf, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { greetingBytes, nameBytesMax, pointBytes, replyKeyIdBytes } from "./limits.js";

/** What each of two says first: the key to answer to, and a name. */
export interface Greeting {
  readonly replyKeyId: Uint8Array;
  readonly replyKey: Uint8Array;
  /** At most 64 bytes of UTF-8; text of a stranger. */
  readonly name: string;
}

const lengthAt = replyKeyIdBytes + pointBytes;
const nameAt = lengthAt + 2;

/** replyKeyId 8 ‖ reply key 65 ‖ length u16 ‖ name ‖ zeros, 256 bytes. */
export function packGreeting({ replyKeyId, replyKey, name }: Greeting): Uint8Array {
  const text = utf8(name);
  if (text.length > nameBytesMax) {
    throw new MalformedError(`a name of ${text.length} bytes exceeds ${nameBytesMax}; shorten it`);
  }
  const bytes = new Uint8Array(greetingBytes);
  bytes.set(replyKeyId, 0);
  bytes.set(replyKey, replyKeyIdBytes);
  new DataView(bytes.buffer).setUint16(lengthAt, text.length);
  bytes.set(text, nameAt);
  return bytes;
}

/** @throws {MalformedError} for any other layout */
export function unpackGreeting(bytes: Uint8Array): Greeting {
  if (bytes.length !== greetingBytes) throw new MalformedError(`a greeting has ${greetingBytes} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(lengthAt);
  if (length > nameBytesMax) throw new MalformedError(`a name has more than ${nameBytesMax} bytes`);
  if (bytes.subarray(nameAt + length).some((byte) => byte !== 0))
    throw new MalformedError("a greeting ends in no zeros");
  return {
    replyKeyId: bytes.slice(0, replyKeyIdBytes),
    replyKey: bytes.slice(replyKeyIdBytes, lengthAt),
    name: textOf(bytes.subarray(nameAt, nameAt + length)),
  };
}
