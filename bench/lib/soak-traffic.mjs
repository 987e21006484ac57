// What both ends of the soak agree on: streams whose content follows from their length, and what may go wrong.

import { createHash } from "node:crypto";

const pattern = Buffer.from(Array.from({ length: 65_537 }, (_, index) => (index * 131) >>> (index % 7)));

export const content = (bytes) => Buffer.alloc(bytes, pattern);

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The content in pieces, as something whose length nobody knows: to be pulled it goes to a temporary file first. */
export async function* pieces(bytes) {
  const whole = content(bytes);
  for (let offset = 0; offset < bytes; offset += 16_384) yield whole.subarray(offset, offset + 16_384);
}

/** Reads a stream to its end and tells what is wrong with it, or null. */
export async function faultOf(stream, bytes) {
  const hash = createHash("sha256");
  let received = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    received += chunk.length;
  }
  if (received !== bytes) return `${received} bytes instead of ${bytes}`;
  return hash.digest("hex") === sha256(content(bytes)) ? null : `${bytes} wrong bytes`;
}

/** What a cut connection may do to what was under way on it; everything else is a fault. */
const cutCodes = new Set(["CONNECTION_LOST", "SESSION_CLOSED", "RESUME_FAILED", "STREAM_CANCELLED", "ABORT_ERR"]);

export const isCut = (error) => cutCodes.has(error?.code);

/** Counts of what happened, by name, and the first few things that should not have. */
export class Diary {
  counts = {};
  faults = [];

  count(what, by = 1) {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  /** What ended an action. */
  failed(what, error) {
    if (isCut(error)) this.count(`${what} cut`);
    else this.fault(`${what}: ${error?.code ?? ""} ${error?.message ?? error}`);
  }

  fault(what) {
    this.count("faults");
    if (this.faults.length < 20) this.faults.push(what);
  }
}
