import { CAMP_MAX_PAYLOAD } from "camp-protocol";
import type { Payload } from "camp-session";
import { asBuffer } from "./buffers.js";

/** Shorter payloads are copied into their frame, which is cheaper than a write of their own. */
const keptBytesMin = 4096;

/**
 * Memory for the payloads of large messages. One that is sent to many sessions in the same turn of the event loop is encoded or copied
 * once, and all of them send it from there: a copy for each session would cost more than all the rest of sending it.
 */
export class PayloadKeeper {
  #kept: Buffer | null = null;
  /** What was kept, if it is a text. */
  #text: string | null = null;

  /** The payload in memory that nobody writes to, whatever its owner does with it afterwards; null if it is none for here. */
  readonly keep = (payload: Payload): Uint8Array | null => {
    // Too long for a message, in Cryo as well: whoever encodes it refuses it.
    if (payload.length < keptBytesMin || payload.length > CAMP_MAX_PAYLOAD) return null;
    if (this.#kept === null) setImmediate(() => this.#forget());
    return typeof payload === "string" ? this.#keepText(payload) : this.#keepBytes(payload);
  };

  #keepText(text: string): Buffer {
    if (this.#kept !== null && text === this.#text) return this.#kept;
    this.#text = text;
    this.#kept = Buffer.from(text);
    return this.#kept;
  }

  /** Bytes are compared, for their owner may have changed them since; where they differ that is seen soon. */
  #keepBytes(bytes: Uint8Array): Buffer {
    if (this.#kept?.equals(bytes)) return this.#kept;
    this.#text = null;
    this.#kept = Buffer.from(asBuffer(bytes));
    return this.#kept;
  }

  #forget(): void {
    this.#kept = null;
    this.#text = null;
  }
}

const keeper = new PayloadKeeper();

/** For sessions of servers. A client has nobody to share with, and where it masks it needs the frame in one piece. */
export function payloadKeeper(role: "client" | "server"): PayloadKeeper["keep"] | undefined {
  return role === "server" ? keeper.keep : undefined;
}
