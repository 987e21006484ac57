import { decode, encode, inspect, redact } from "camp-protocol";
import {
  decode as decodeCryo,
  encode as encodeCryo,
  inspect as inspectCryo,
  redact as redactCryo,
} from "cryo-protocol";
import { cryoFrameOfLine } from "./cryo-frame-of-line.js";
import { frameOfLine } from "./frame-of-line.js";

/** The dialects whose sessions are replayed. */
export type DialectName = "camp" | "cryo";

/** What an application sends. */
export type SentMessage =
  | { readonly kind: "utf8" | "error"; readonly payload: string }
  | { readonly kind: "binary"; readonly payload: Uint8Array };

/** What recording and replaying know of the frames of a dialect. */
export interface Dialect {
  /** In one line, without any content. Throws for what is no frame. */
  inspect(bytes: Uint8Array): string;
  /** A copy without what opens a session. */
  redact(bytes: Uint8Array): Uint8Array;
  /**
   * Made of its line, with filler for content; null for a line that is of no frame.
   *
   * @throws {ReplayError} for sizes that no frame has
   */
  made(line: string): Uint8Array | null;
  /** So many bytes that are no frame. */
  noFrame(bytes: number): Uint8Array;
  /** The message in a frame, or null. Throws for what is no frame. */
  message(bytes: Uint8Array): SentMessage | null;
}

/** Where a frame of Cryo has its type. */
const cryoTypeAt = 20;

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  camp: {
    inspect: (bytes) => inspect(decode(bytes)),
    redact,
    made: (line) => encoded(frameOfLine(line), encode),
    noFrame: (bytes) => new Uint8Array(bytes),
    message: (bytes) => messageIn(decode(bytes)),
  },
  cryo: {
    inspect: (bytes) => inspectCryo(decodeCryo(bytes)),
    redact: redactCryo,
    made: (line) => encoded(cryoFrameOfLine(line), encodeCryo),
    // Zeros would be an acknowledgement.
    noFrame: (bytes) => new Uint8Array(bytes).fill(0xff, cryoTypeAt),
    message: (bytes) => messageIn(decodeCryo(bytes)),
  },
};

function encoded<Frame>(frame: Frame | null, encode: (frame: Frame) => Uint8Array): Uint8Array | null {
  return frame === null ? null : encode(frame);
}

function messageIn(frame: ReturnType<typeof decode> | ReturnType<typeof decodeCryo>): SentMessage | null {
  switch (frame.type) {
    case "utf8data":
      return { kind: "utf8", payload: frame.payload };
    case "error":
      return { kind: "error", payload: frame.payload };
    case "binarydata":
      return { kind: "binary", payload: frame.payload };
    default:
      return null;
  }
}
