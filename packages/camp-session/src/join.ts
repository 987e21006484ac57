/** A frame in one piece, for those who cannot take its parts from where they lie. */
export function whole({ bytes, body, tail }: FrameParts): Uint8Array {
  if (body === undefined) return bytes;
  const joined = new Uint8Array(bytesOf({ bytes, body, tail }));
  joined.set(bytes);
  joined.set(body, bytes.byteLength);
  if (tail !== undefined) joined.set(tail, bytes.byteLength + body.byteLength);
  return joined;
}

/** How long a frame is. */
export function bytesOf({ bytes, body, tail }: FrameParts): number {
  return bytes.byteLength + (body?.byteLength ?? 0) + (tail?.byteLength ?? 0);
}

/** What stands behind each other in one frame: a tail only behind a body. */
export interface FrameParts {
  readonly bytes: Uint8Array;
  readonly body?: Uint8Array | undefined;
  readonly tail?: Uint8Array | undefined;
}
