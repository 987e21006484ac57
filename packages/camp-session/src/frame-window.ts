import { none } from "./none.js";
import type { OutFrame } from "./out-frame.js";

/** Numbers that may lie between the oldest and the newest frame: one that is never acknowledged must not grow the window for ever. */
export const windowSpanMax = 1 << 20;

/**
 * Frames by consecutive numbers, the oldest first, as a ring. It is written at every hand-over and every ACK: a Map leaves
 * behind a dead table each time it grows, which keeps acknowledged frames alive through several collections.
 */
export class FrameWindow {
  #slots: (OutFrame | null)[] = none;
  #base = 0;
  #span = 0;

  /** Whether the window cannot grow any further. */
  get full(): boolean {
    return this.#span >= windowSpanMax;
  }

  /** The next number gets a frame, or stays empty. */
  push(frame: OutFrame | null): void {
    if (this.#span === 0 && frame === null) {
      this.#base = (this.#base + 1) >>> 0;
      return;
    }
    if (this.#span === this.#slots.length) this.#grow();
    this.#slots[this.#index(this.#span)] = frame;
    this.#span++;
  }

  get(number: number): OutFrame | null {
    const distance = (number - this.#base) >>> 0;
    return distance < this.#span ? this.#slots[this.#index(distance)]! : null;
  }

  delete(number: number): void {
    const distance = (number - this.#base) >>> 0;
    if (distance >= this.#span) return;
    this.#slots[this.#index(distance)] = null;
    while (this.#span > 0 && this.#slots[this.#index(0)] === null) {
      this.#base = (this.#base + 1) >>> 0;
      this.#span--;
    }
  }

  /** The one that has waited longest. The window never begins with an empty number. */
  get oldest(): OutFrame | null {
    return this.#span === 0 ? null : this.#slots[this.#index(0)]!;
  }

  *[Symbol.iterator](): Iterator<OutFrame> {
    for (let distance = 0; distance < this.#span; distance++) {
      const frame = this.#slots[this.#index(distance)];
      if (frame) yield frame;
    }
  }

  /** Takes out all frames; numbers start from 0. */
  drain(): OutFrame[] {
    const frames: OutFrame[] = [];
    for (let distance = 0; distance < this.#span; distance++) {
      const frame = this.#slots[this.#index(distance)];
      if (frame) frames.push(frame);
    }
    this.#slots = none;
    this.#base = 0;
    this.#span = 0;
    return frames;
  }

  #index(distance: number): number {
    return (this.#base + distance) & (this.#slots.length - 1);
  }

  #grow(): void {
    const old = this.#slots;
    const slots: (OutFrame | null)[] = new Array(Math.max(4, old.length * 2)).fill(null);
    for (let distance = 0; distance < this.#span; distance++) {
      slots[(this.#base + distance) & (slots.length - 1)] = old[(this.#base + distance) & (old.length - 1)]!;
    }
    this.#slots = slots;
  }
}
