import { CAMP_MAX_REASON, cutUtf8 } from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import { terminateAfterMs } from "./limits.js";
import type { Timers } from "./timers.js";
import type { Transport } from "./transport.js";

/** Told when the answer never came and the transport was terminated. */
export interface LingeringOwner {
  closed(code: number, reason: string): void;
}

/** The transport that was sent its close frame and owes the answer. It is not waited for for ever. */
export class Lingering {
  readonly #timers: Timers;
  readonly #owner: LingeringOwner;
  #transport: Transport | null = null;

  constructor(timers: Timers, owner: LingeringOwner) {
    this.#timers = timers;
    this.#owner = owner;
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
      this.#owner.closed(CloseCode.abnormal, "");
    });
  }

  /** The transport is gone. */
  over(): void {
    this.#transport = null;
  }
}
