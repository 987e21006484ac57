/** A frame in one piece, for those who cannot take its parts from where they lie. */
export function whole({ bytes, body, tail }: FrameParts): Uint8Array {
  if (body === undefined) return bytes;
  const joined = new Uint8Array(bytes.byteLength + body.byteLength + (tail?.byteLength ?? 0));
  joined.set(bytes);
  joined.set(body, bytes.byteLength);
  if (tail !== undefined) joined.set(tail, bytes.byteLength + body.byteLength);
  return joined;
}

/** What stands behind each other in one frame: a tail only behind a body. */
export interface FrameParts {
  readonly bytes: Uint8Array;
  readonly body?: Uint8Array | undefined;
  readonly tail?: Uint8Array | undefined;
}
