import type { FrameTrace } from "./events.js";

/** What went over the wire, and what was odd about it. */
export class Traffic {
  readonly #trace: FrameTrace | undefined;
  bytesRx = 0;
  bytesTx = 0;
  framesRx = 0;
  framesTx = 0;
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

  sent(bytes: Uint8Array): void {
    this.framesTx++;
    this.bytesTx += bytes.byteLength;
    if (this.#trace?.active) this.#trace.frame("out", bytes);
  }
}
