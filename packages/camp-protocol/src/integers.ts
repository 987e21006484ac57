// Big-endian integers at a known place. Callers check the bounds once per frame; plain byte access is what V8 inlines
// best here, a DataView would be one more object per frame.

/** The 32 bits at `at` as a signed number: always a small integer of the engine, so it is the form for comparing. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) >>> 0;
}

/** Numbers below 2^53 take one bigint, larger ones three. */
export function readU64(bytes: Uint8Array, at: number): bigint {
  const high = readU32(bytes, at);
  const low = readU32(bytes, at + 4);
  return high < 0x20_0000 ? BigInt(high * 0x1_0000_0000 + low) : (BigInt(high) << 32n) | BigInt(low);
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes the low 64 bits, so a negative value lands in two's complement. */
export function writeU64(bytes: Uint8Array, at: number, value: bigint): void {
  writeU32(bytes, at, highInt32(value));
  writeU32(bytes, at + 4, lowInt32(value));
}

export function highInt32(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

export function lowInt32(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
