import { StreamStalledError } from "./errors.js";
import { pauseAtBytes, resumeAtBytes, unpausableBytesMax } from "./limits.js";
import type { ReadGate } from "./read-gate.js";
import type { StreamReceiver } from "./stream-receiver.js";
import type { Timer, Timers } from "./timers.js";

export interface UnreadWorld {
  readonly timers: Timers;
  readonly gate: ReadGate;
  readonly streamStallTimeoutMs: number;
}

/**
 * Bounds what lies unread of push streams whose peer knows no credit (rules 19): the whole session stops reading until readers
 * took enough of it. A reader that takes nothing meanwhile loses its stream, so that the rest of the session goes on.
 */
export class UnreadGuard {
  readonly #world: UnreadWorld;
  readonly #streams = new Set<StreamReceiver>();
  #stallTimer: Timer | null = null;
  #paused = false;

  constructor(world: UnreadWorld) {
    this.#world = world;
  }

  /** Bytes of a push stream arrived. `plain` tells that its sender cannot be held back by credit. */
  arrived(receiver: StreamReceiver, plain: boolean): void {
    if (!plain) return;
    this.#streams.add(receiver);
    if (this.#paused || this.#bytes() < pauseAtBytes) return;
    if (this.#world.gate.hold("streams")) {
      this.#paused = true;
      this.#watch();
    } else if (receiver.unreadBytes >= unpausableBytesMax) this.#giveUp(receiver);
  }

  taken(receiver: StreamReceiver): void {
    if (receiver.unreadBytes === 0) this.#streams.delete(receiver);
    this.#check();
    if (this.#paused) this.#watch();
  }

  remove(receiver: StreamReceiver): void {
    if (this.#streams.delete(receiver)) this.#check();
  }

  clear(): void {
    this.#streams.clear();
    this.#resume();
  }

  #bytes(): number {
    let bytes = 0;
    for (const stream of this.#streams) bytes += stream.unreadBytes;
    return bytes;
  }

  #check(): void {
    if (this.#paused && this.#bytes() <= resumeAtBytes) this.#resume();
  }

  #resume(): void {
    this.#paused = false;
    this.#stallTimer?.cancel();
    this.#stallTimer = null;
    this.#world.gate.release("streams");
  }

  #watch(): void {
    this.#stallTimer?.cancel();
    this.#stallTimer = this.#world.timers.after(this.#world.streamStallTimeoutMs, () => this.#stalled());
  }

  /** No reader took a byte for too long: the fullest stream goes. */
  #stalled(): void {
    const [fullest] = [...this.#streams].sort((a, b) => b.unreadBytes - a.unreadBytes);
    if (fullest !== undefined) this.#giveUp(fullest);
    if (this.#paused) this.#watch();
  }

  #giveUp(receiver: StreamReceiver): void {
    receiver.fail(new StreamStalledError(receiver.label, this.#world.streamStallTimeoutMs));
  }
}
