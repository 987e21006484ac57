import { readInt32, readU32, writeU32 } from "camp-protocol/bytes";
import { TYPE_AT } from "./layout.js";
import {
  CALE_IV_BYTES,
  CALE_KEY_BYTES,
  CALE_MIN_RECORD_BYTES,
  CALE_PUBLIC_KEY_BYTES,
  CALE_TAG_BYTES,
} from "./limits.js";

// The layout of CALE v1 (section 3): keys and records as bytes. The cryptography is the platform's.

/** The end of a connection that the keys are for. */
export type CaleRole = "client" | "server";

/** The two AES-128 keys of one end. */
export interface CaleKeys {
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
}

/** The parts of a record, as views into it. */
export interface CaleRecordParts {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

const COUNTER_AT = 8;
const UNCOMPRESSED = 4;
const HASH_BYTES = 2 * CALE_KEY_BYTES;
/** "cale1-cb" */
const BINDING_LABEL = Uint8Array.of(0x63, 0x61, 0x6c, 0x65, 0x31, 0x2d, 0x63, 0x62);

/**
 * Whether the bytes have the form of an uncompressed P-256 public key. That the point is on the curve is for the library
 * to check; the form is not, for both platform libraries take compressed and hybrid points as well (section 4).
 */
export function isCalePublicKey(bytes: Uint8Array): boolean {
  return bytes.length === CALE_PUBLIC_KEY_BYTES && bytes[0] === UNCOMPRESSED;
}

/**
 * The keys of one end from the SHA-256 of the shared secret: the client receives with the first half and sends with the
 * second, the server the other way round. Copies, so that the hash may be wiped.
 *
 * @throws RangeError if the hash is not 32 bytes.
 */
export function splitCaleKeys(hash: Uint8Array, role: CaleRole): CaleKeys {
  if (hash.length !== HASH_BYTES) throw new RangeError(`hash of ${hash.length} bytes instead of ${HASH_BYTES}`);
  const first = new Uint8Array(hash.subarray(0, CALE_KEY_BYTES));
  const second = new Uint8Array(hash.subarray(CALE_KEY_BYTES));
  return role === "client" ? { receiveKey: first, sendKey: second } : { receiveKey: second, sendKey: first };
}

/** What the channel binding is the SHA-256 of: a label and both public keys, the server's first (section 4). */
export function caleBindingInput(serverKey: Uint8Array, clientKey: Uint8Array): Uint8Array {
  const input = new Uint8Array(BINDING_LABEL.length + serverKey.length + clientKey.length);
  input.set(BINDING_LABEL);
  input.set(serverKey, BINDING_LABEL.length);
  input.set(clientKey, BINDING_LABEL.length + serverKey.length);
  return input;
}

/** Writes the iv that a record begins with. */
export function writeCaleIv(record: Uint8Array, counter: number): void {
  if (counter >>> 0 !== counter) throw new RangeError(`counter ${counter} is no integer in 0 … 4294967295`);
  record.fill(0, 0, COUNTER_AT);
  writeU32(record, COUNTER_AT, counter);
}

/** The counter of a record; undefined if it is too short for one or its iv does not begin with eight zero bytes. */
export function readCaleCounter(record: Uint8Array): number | undefined {
  if (record.length < CALE_MIN_RECORD_BYTES) return undefined;
  if ((readInt32(record, 0) | readInt32(record, 4)) !== 0) return undefined;
  return readU32(record, COUNTER_AT);
}

/** The parts of a record of at least `CALE_MIN_RECORD_BYTES` bytes. */
export function splitCaleRecord(record: Uint8Array): CaleRecordParts {
  const tagAt = record.length - CALE_TAG_BYTES;
  return {
    iv: record.subarray(0, CALE_IV_BYTES),
    ciphertext: record.subarray(CALE_IV_BYTES, tagAt),
    tag: record.subarray(tagAt),
  };
}

/** Whether a deployed peer would take the record for a plain frame: it looks at the byte that would be the type. */
export function isTakenForPlain(record: Uint8Array): boolean {
  return record[TYPE_AT]! <= 7;
}
