import type { CaleCrypto } from "./cale-crypto.js";

/** How far one pair of keys is used, in each direction (cryo-v1.md section 4, rules 25). */
export interface CaleLimits {
  /** Records and bytes from which on a client exchanges its connection for one with fresh keys. */
  readonly renewRecords: number;
  readonly renewBytes: number;
  /** Records and bytes at which the connection ends. */
  readonly recordsMax: number;
  readonly bytesMax: number;
}

/** So far from the last 32-bit counter that no record, however often it is sealed again, comes near it. */
const countersMax = 2 ** 32 - 64;

const defaultCaleLimits: CaleLimits = {
  renewRecords: 2 ** 24,
  renewBytes: 2 ** 36,
  recordsMax: 2 ** 25,
  bytesMax: 2 ** 37,
};

/** The limits of a session: nothing may be set so high that a counter would wrap. */
export function caleLimits(changes: Partial<CaleLimits> = {}): CaleLimits {
  const limits = { ...defaultCaleLimits, ...changes };
  return { ...limits, recordsMax: Math.min(limits.recordsMax, countersMax) };
}

/** What a session that encrypts is given. */
export interface CaleConfig {
  readonly crypto: CaleCrypto;
  /**
   * Which counters of the peer are accepted: each once within a window of 4096 (default), or only ever greater ones with
   * gaps of at most 32, for peers of our own.
   */
  readonly nonceOrder?: "window" | "strict";
  /** Default: the session's `handshakeTimeoutMs`. */
  readonly handshakeTimeoutMs?: number;
  /**
   * Lets a client take messages that its server sent before it was secure, as deployed servers do; each is marked. Default
   * false: such a message ends the session.
   */
  readonly acceptPlaintextBeforeFirstRecord?: boolean;
  /** By default 2^24 records or 2^36 bytes to renew and twice as many to end. Lower ones are for tests. */
  readonly limits?: Partial<CaleLimits>;
}
