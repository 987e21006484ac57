/** A frame in one piece, for those who cannot take its body from where it lies. */
export function whole({
  bytes,
  body,
}: {
  readonly bytes: Uint8Array;
  readonly body?: Uint8Array | undefined;
}): Uint8Array {
  if (body === undefined) return bytes;
  const joined = new Uint8Array(bytes.byteLength + body.byteLength);
  joined.set(bytes);
  joined.set(body, bytes.byteLength);
  return joined;
}
