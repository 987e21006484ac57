import { FrameType } from "./frame.js";
import * as at from "./layout.js";

/** A copy of a frame for tools that may see payloads: session id, resume secret and token are zeros in it. It still decodes. */
export function redact(frame: Uint8Array): Uint8Array {
  const copy = new Uint8Array(frame);
  copy.fill(0, 0, at.TYPE_AT);
  const secretAt = secretOf(copy[at.TYPE_AT]);
  if (secretAt !== null) copy.fill(0, secretAt);
  return copy;
}

function secretOf(type: number | undefined): number | null {
  if (type === FrameType.resume_ticket) return at.TICKET_SECRET_AT;
  if (type === FrameType.resume) return at.RESUME_SECRET_AT;
  return type === FrameType.token ? at.BODY_AT : null;
}
