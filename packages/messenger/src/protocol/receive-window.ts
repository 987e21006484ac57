import { windowBits } from "./limits.js";
import type { Receipts } from "./plaintext.js";

/** Which messages of a peer have arrived: the highest n, and the 1024 before it. A value that is stored as it is. */
export interface ReceiveWindow {
  /** Highest n + 1; 0 = none. */
  readonly high: number;
  /** Bit i, in hexadecimal: n = high - 1 - i has arrived. */
  readonly bits: string;
}

export const emptyWindow: ReceiveWindow = { high: 0, bits: "0" };

const mask = (1n << BigInt(windowBits)) - 1n;

/** Whether this n has arrived, or is so old that nobody can tell. */
export function hasArrived({ high, bits }: ReceiveWindow, n: number): boolean {
  if (n >= high) return false;
  const age = high - 1 - n;
  return age >= windowBits || ((parse(bits) >> BigInt(age)) & 1n) === 1n;
}

/** The window once this n has arrived. */
export function withArrived(window: ReceiveWindow, n: number): ReceiveWindow {
  const before = parse(window.bits);
  if (n >= window.high) {
    const ahead = n + 1 - window.high;
    const shifted = ahead > windowBits ? 0n : (before << BigInt(ahead)) & mask;
    return { high: n + 1, bits: (shifted | 1n).toString(16) };
  }
  return { high: window.high, bits: (before | (1n << BigInt(window.high - 1 - n))).toString(16) };
}

/** Every n from `from` on that is missing below the highest, at most as many as the window has. */
export function missingFrom({ high, bits }: ReceiveWindow, from: number): number[] {
  const first = Math.max(from, high - windowBits, 0);
  const parsed = parse(bits);
  const missing: number[] = [];
  for (let n = first; n < high; n++) if (((parsed >> BigInt(high - 1 - n)) & 1n) === 0n) missing.push(n);
  return missing;
}

/** What the peer is told of it. */
export function receiptsOf({ high, bits }: ReceiveWindow): Receipts {
  return { ackHigh: high, ackBits: (parse(bits) >> 1n) & 0xffff_ffff_ffff_ffffn };
}

/** Whether what a peer tells covers this n of ours. */
export function isAcknowledged({ ackHigh, ackBits }: Receipts, n: number): boolean {
  if (n === ackHigh - 1) return true;
  const bit = ackHigh - 2 - n;
  return bit >= 0 && bit < 64 && ((ackBits >> BigInt(bit)) & 1n) === 1n;
}

function parse(bits: string): bigint {
  return BigInt(`0x${bits}`);
}
