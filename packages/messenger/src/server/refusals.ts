import { refusalsPerMinute } from "../protocol/index.js";

const minuteMs = 60_000;
/** Addresses that are watched at a time; a flood from more of them finds the oldest forgotten. */
const addressesMax = 10_000;

/** Counts refused responses by address, so that guessing costs the server no signatures. */
export class Refusals {
  readonly #times = new Map<string, number[]>();

  /** Whether the next response from there is refused unread. */
  isExhausted(address: string, nowMs: number): boolean {
    return this.#recent(address, nowMs).length >= refusalsPerMinute;
  }

  count(address: string, nowMs: number): void {
    const recent = this.#recent(address, nowMs);
    this.#times.delete(address);
    this.#times.set(address, [...recent, nowMs].slice(-refusalsPerMinute));
    if (this.#times.size > addressesMax) this.#times.delete(this.#times.keys().next().value!);
  }

  #recent(address: string, nowMs: number): number[] {
    return (this.#times.get(address) ?? []).filter((time) => nowMs - time < minuteMs);
  }
}
