import { CAMP_MAX_REASON, cutUtf8 } from "camp-protocol";
import { terminateAfterMs } from "./limits.js";
import type { Timers } from "./timers.js";
import type { Transport } from "./transport.js";

/** The transport that was sent its close frame and owes the answer. It is not waited for for ever. */
export class Lingering {
  readonly #timers: Timers;
  /** Told when the answer never came and the transport was terminated. */
  readonly #gone: () => void;
  #transport: Transport | null = null;

  constructor(timers: Timers, gone: () => void) {
    this.#timers = timers;
    this.#gone = gone;
  }

  is(transport: Transport): boolean {
    return this.#transport === transport;
  }

  close(transport: Transport, code: number, reason: string): void {
    transport.close(code, cutUtf8(reason, CAMP_MAX_REASON));
    this.#transport = transport;
    this.wait();
  }

  /** Gives the transport, if there is one, its time, also after all timers were cleared. */
  wait(): void {
    const transport = this.#transport;
    if (transport === null) return;
    this.#timers.after(terminateAfterMs, () => {
      if (this.#transport !== transport) return;
      transport.terminate();
      this.#gone();
    });
  }

  /** The transport is gone. */
  over(): void {
    this.#transport = null;
  }
}
