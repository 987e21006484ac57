/** When to try again. Times are in milliseconds. */
export interface BackoffPolicy {
  /** The longest that the first delay may be. Each further one may be twice as long as the one before. */
  readonly minDelayMs: number;
  /** The longest that any delay may be, unless the server asks for more. */
  readonly maxDelayMs: number;
  /** Attempts before giving up. */
  readonly maxAttempts: number;
}

/** The longest that a server may keep us away: one that says next year is mistaken. */
const retryAfterMsMax = 3_600_000;

/**
 * The delays between attempts: doubling from `minDelayMs` to `maxDelayMs`, each shortened by up to half at random, so that the
 * clients of a server that went away do not all come back in the same instant.
 */
export class Backoff {
  readonly #policy: BackoffPolicy;
  readonly #random: () => number;
  #attempts = 0;

  /** @param random yields numbers from 0 up to, not including, 1 */
  constructor(policy: BackoffPolicy, random: () => number) {
    this.#policy = policy;
    this.#random = random;
  }

  /** Delays handed out since the start or the last `reset()`. */
  get attempts(): number {
    return this.#attempts;
  }

  /** How long to wait before the next attempt, or null when there were enough of them. */
  next(retryAfterMs = 0): number | null {
    const { minDelayMs, maxDelayMs, maxAttempts } = this.#policy;
    if (this.#attempts >= maxAttempts) return null;
    const longest = Math.min(maxDelayMs, minDelayMs * 2 ** this.#attempts);
    this.#attempts += 1;
    const random = this.#random();
    const asked = Math.min(retryAfterMs, retryAfterMsMax);
    return Math.max(longest * (1 - random / 2), asked === 0 ? 0 : asked + minDelayMs * random);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
