import type { FrameTrace } from "./events.js";
import { whole } from "./join.js";
import type { OutFrame } from "./out-frame.js";

/** What went over the wire, and what was odd about it. */
export class Traffic {
  readonly #trace: FrameTrace | undefined;
  bytesRx = 0;
  bytesTx = 0;
  framesRx = 0;
  framesTx = 0;
  /** Messages of the application in both directions, stopped and dropped ones included. */
  messages = 0;
  droppedFrames = 0;
  strayAcks = 0;
  strayFrames = 0;
  unansweredPings = 0;
  replacedTexts = 0;

  constructor(trace: FrameTrace | undefined) {
    this.#trace = trace;
  }

  received(bytes: Uint8Array): void {
    this.framesRx++;
    this.bytesRx += bytes.byteLength;
    if (this.#trace?.active) this.#trace.frame("in", bytes);
  }

  /** A frame of the peer that was read before the session had the connection; made only for those who watch. */
  introduced(frame: () => Uint8Array): void {
    if (this.#trace?.active) this.#trace.frame("in", frame());
  }

  sent(frame: OutFrame): void {
    this.framesTx++;
    this.bytesTx += frame.byteLength;
    if (this.#trace?.active) this.#trace.frame("out", whole(frame));
  }
}
