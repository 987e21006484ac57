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

export const defaultCaleLimits: CaleLimits = {
  renewRecords: 2 ** 24,
  renewBytes: 2 ** 36,
  recordsMax: 2 ** 25,
  bytesMax: 2 ** 37,
};

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
  /** Default `defaultCaleLimits`. For tests. */
  readonly limits?: Partial<CaleLimits>;
}
