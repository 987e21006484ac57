import { ACK_AT } from "./layout.js";

/** A copy of a frame for tools that may see payloads: its session id is zeros. Frames of Cryo hold no secrets; hellos have public keys. */
export function redact(frame: Uint8Array): Uint8Array {
  const copy = new Uint8Array(frame);
  copy.fill(0, 0, ACK_AT);
  return copy;
}
