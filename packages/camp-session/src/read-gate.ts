import { none } from "./none.js";
import type { Transport } from "./transport.js";

/** Told when reading stops and starts. */
export interface ReadGateOwner {
  readingChanged(paused: boolean): void;
}

/**
 * Whether this end reads. Several parts may hold it at once; reading goes on when the last lets go. While it is held the ack
 * clock and the heartbeat stand still, because the answers of a healthy peer lie unread.
 */
export class ReadGate {
  readonly #owner: ReadGateOwner;
  #holders: readonly string[] = none;
  #transport: Transport | null = null;
  #forced = false;

  constructor(owner: ReadGateOwner) {
    this.#owner = owner;
  }

  get paused(): boolean {
    return this.#holders.length > 0;
  }

  attach(transport: Transport): void {
    this.#transport = transport;
    this.#forced = false;
    this.#holders = none;
  }

  detach(): void {
    this.#transport = null;
    this.#holders = none;
  }

  /** Stops reading; false where the platform cannot. */
  hold(holder: string): boolean {
    if (this.#transport === null || this.#forced || this.#holders.includes(holder)) return true;
    if (!this.#transport.pause()) return false;
    this.#holders = [...this.#holders, holder];
    if (this.#holders.length === 1) this.#owner.readingChanged(true);
    return true;
  }

  release(holder: string): void {
    if (!this.#holders.includes(holder)) return;
    this.#holders = this.#holders.filter((other) => other !== holder);
    if (!this.paused) this.#open();
  }

  /** Reads from now on, whoever holds: the session is closing. */
  force(): void {
    this.#forced = true;
    if (!this.paused) return;
    this.#holders = none;
    this.#open();
  }

  #open(): void {
    this.#transport?.resume();
    this.#owner.readingChanged(false);
  }
}
