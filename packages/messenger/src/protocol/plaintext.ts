import { type Body, packBody, readU64, unpackBody } from "./body.js";
import { concat, u64 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { bodyBytesMax, plaintextSizes, pointBytes, replyKeyIdBytes } from "./limits.js";

/** What the sender has received, as it tells the peer. */
export interface Receipts {
  /** Highest n received + 1; 0 = none. */
  readonly ackHigh: number;
  /** Bit i: ackHigh - 2 - i was received. */
  readonly ackBits: bigint;
}

/** What is sealed in a message. */
export interface Plaintext extends Receipts {
  /** Per contact and direction, from 0. */
  readonly n: number;
  readonly sentAt: number;
  readonly replyKey: { readonly id: Uint8Array; readonly point: Uint8Array } | null;
  /** Of the SHA-256 of the whole plaintext n - 1; zeros for 0. */
  readonly prevHash: Uint8Array;
  readonly body: Body;
}

export const prevHashBytes = 8;
const replyKeyFollows = 0x80;

/** n 8 ‖ ackHigh 8 ‖ ackBits 8 ‖ sentAt 8 ‖ kind 1 ‖ [id 8 ‖ point 65] ‖ prevHash 8 ‖ length 2 ‖ body ‖ zeros. */
export function packPlaintext(plaintext: Plaintext): Uint8Array {
  const { n, ackHigh, ackBits, sentAt, replyKey, prevHash } = plaintext;
  const { code, bytes: body } = packBody(plaintext.body);
  const bits = new Uint8Array(8);
  new DataView(bits.buffer).setBigUint64(0, ackBits);
  const kind = Uint8Array.of(code | (replyKey === null ? 0 : replyKeyFollows));
  const key = replyKey === null ? [] : [replyKey.id, replyKey.point];
  const length = Uint8Array.of(body.length >> 8, body.length & 0xff);
  const content = concat(u64(n), u64(ackHigh), bits, u64(sentAt), kind, ...key, prevHash, length, body);
  const size = plaintextSizes.find((candidate) => candidate >= content.length);
  if (size === undefined) throw new MalformedError(`a body of ${body.length} bytes does not fit beside a reply key`);
  const padded = new Uint8Array(size);
  padded.set(content);
  return padded;
}

/** @throws {MalformedError} for any other layout, padding included */
export function unpackPlaintext(bytes: Uint8Array): Plaintext {
  if (!plaintextSizes.some((size) => size === bytes.length)) throw new MalformedError("a plaintext of another size");
  const kind = bytes[32]!;
  let at = 33;
  let replyKey: Plaintext["replyKey"] = null;
  if ((kind & replyKeyFollows) !== 0) {
    const pointAt = at + replyKeyIdBytes;
    replyKey = { id: bytes.slice(at, pointAt), point: bytes.slice(pointAt, pointAt + pointBytes) };
    at = pointAt + pointBytes;
  }
  const prevHash = bytes.slice(at, at + prevHashBytes);
  const bodyAt = at + prevHashBytes + 2;
  const length = (bytes[bodyAt - 2]! << 8) | bytes[bodyAt - 1]!;
  if (length > bodyBytesMax || bodyAt + length > bytes.length) throw new MalformedError("a body is too long");
  if (bytes.subarray(bodyAt + length).some((byte) => byte !== 0))
    throw new MalformedError("a plaintext ends in no zeros");
  return {
    n: readU64(bytes, 0),
    ackHigh: readU64(bytes, 8),
    ackBits: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(16),
    sentAt: readU64(bytes, 24),
    replyKey,
    prevHash,
    body: unpackBody(kind & ~replyKeyFollows, bytes.subarray(bodyAt, bodyAt + length)),
  };
}
