import { Fifo } from "./fifo.js";
import type { OutFrame } from "./out-frame.js";

/** Control frames that wait for the transport, or for a number while too many frames are unacknowledged. */
export class ControlQueue {
  readonly #ready = new Fifo<OutFrame>();
  readonly #numberless = new Fifo<OutFrame>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(frame: OutFrame, numberless: boolean): void {
    (numberless ? this.#numberless : this.#ready).push(frame);
    this.#bytes += frame.byteLength;
  }

  /** The next that may leave; those without a number only while there are numbers. */
  shift(mayNumber: boolean): OutFrame | undefined {
    const frame = this.#ready.shift() ?? (mayNumber ? this.#numberless.shift() : undefined);
    if (frame !== undefined) this.#bytes -= frame.byteLength;
    return frame;
  }

  /** Takes out everything. */
  drain(): OutFrame[] {
    this.#bytes = 0;
    return [...this.#ready.drain(), ...this.#numberless.drain()];
  }
}
