import type { IncomingStream } from "camp-session";

/**
 * How a stream flows. Push: the sender sends by itself, as fast as the reader takes. Pull: it sends the ranges that the
 * reader asks for.
 */
export const CAMP_FLOW_BEHAVIOUR = { TX_PUSH: "push", TX_PULL: "pull" } as const;
export type CAMP_FLOW_BEHAVIOUR = (typeof CAMP_FLOW_BEHAVIOUR)[keyof typeof CAMP_FLOW_BEHAVIOUR];

/** Bytes that have not arrived yet; null when the sender does not know. */
export function remainingBytesOf({ size, receivedBytes }: IncomingStream): bigint | null {
  return size === null ? null : size - receivedBytes;
}

/** Part of the stream that arrived, 0 to 1; null when the sender does not know its size. */
export function progressOf({ size, receivedBytes }: IncomingStream): number | null {
  if (size === null) return null;
  return size === 0n ? 1 : Number(receivedBytes) / Number(size);
}
