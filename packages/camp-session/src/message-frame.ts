import { PayloadTooLargeError } from "./errors.js";
import type { MessageKind, Payload } from "./hooks.js";
import type { FrameParts } from "./join.js";
import type { LinkConfig } from "./link-config.js";

/** What the encoder of each dialect makes messages with. */
interface MessageEncoder {
  binary(payload: Uint8Array): Uint8Array;
  utf8(text: string): Uint8Array;
  error(text: string): Uint8Array;
  messageHead(kind: MessageKind, payloadBytes: number): Uint8Array;
}

/** The frame of a message, in two parts where its payload has memory of its own. Throws what the encoder throws. */
export function messageFrame(
  encoder: MessageEncoder,
  keepPayload: LinkConfig["keepPayload"],
  kind: MessageKind,
  payload: Payload,
): FrameParts {
  const body = keepPayload?.(payload) ?? undefined;
  // Bytes are binary, all else is text.
  const bytes = body === undefined ? encoder[kind](payload as never) : encoder.messageHead(kind, body.byteLength);
  return { bytes, body };
}

export function payloadTooLarge(payload: Payload, limitBytes: number, advice: string): PayloadTooLargeError {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return new PayloadTooLargeError(bytes.byteLength, limitBytes, advice);
}
