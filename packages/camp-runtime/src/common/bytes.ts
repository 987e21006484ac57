/** What users may pass as bytes. */
export type Bytes = Uint8Array | ArrayBuffer;

/** Memory of bytes in the form that sessions use, also from another realm such as that of a frame or a test; null for anything else. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array || kindOf(value) === "[object Uint8Array]") return value as Uint8Array;
  return kindOf(value) === "[object ArrayBuffer]" ? new Uint8Array(value as ArrayBuffer) : null;
}

function kindOf(value: unknown): string {
  return ArrayBuffer.isView(value) || typeof value === "object" ? Object.prototype.toString.call(value) : "";
}
