import type { Transport } from "./transport.js";

/**
 * Whether this end reads. Several parts may hold it at once; reading goes on when the last lets go. While it is held the ack
 * clock and the heartbeat stand still, because the answers of a healthy peer lie unread.
 */
export class ReadGate {
  readonly #changed: (paused: boolean) => void;
  readonly #holders = new Set<string>();
  #transport: Transport | null = null;
  #forced = false;

  constructor(changed: (paused: boolean) => void) {
    this.#changed = changed;
  }

  get paused(): boolean {
    return this.#holders.size > 0;
  }

  attach(transport: Transport): void {
    this.#transport = transport;
    this.#forced = false;
    this.#holders.clear();
  }

  detach(): void {
    this.#transport = null;
    this.#holders.clear();
  }

  /** Stops reading; false where the platform cannot. */
  hold(holder: string): boolean {
    if (this.#transport === null || this.#forced || this.#holders.has(holder)) return true;
    if (!this.#transport.pause()) return false;
    this.#holders.add(holder);
    if (this.#holders.size === 1) this.#changed(true);
    return true;
  }

  release(holder: string): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#open();
  }

  /** Reads from now on, whoever holds: the session is closing. */
  force(): void {
    this.#forced = true;
    if (!this.paused) return;
    this.#holders.clear();
    this.#open();
  }

  #open(): void {
    this.#transport?.resume();
    this.#changed(false);
  }
}
