import { RESUME_SECRET_BYTES } from "camp-protocol";

/**
 * The secrets that let a client come back, on the server: the one that it is known to have and, until it acknowledged that, the
 * next. A secret is of no use any more once its successor was acknowledged.
 */
export class Tickets {
  readonly #randomBytes: (bytes: number) => Uint8Array;
  #known: Uint8Array | null = null;
  #next: Uint8Array | null = null;

  constructor(randomBytes: (bytes: number) => Uint8Array) {
    this.#randomBytes = randomBytes;
  }

  /** Whether the client has one. */
  get known(): boolean {
    return this.#known !== null;
  }

  /** A fresh secret to send, or null while the last is still on its way. */
  issue(): Uint8Array | null {
    if (this.#next !== null) return null;
    this.#next = this.#randomBytes(RESUME_SECRET_BYTES);
    return this.#next;
  }

  /** The client acknowledged the last one. */
  acknowledged(): void {
    this.#known = this.#next;
    this.#next = null;
  }

  accepts(secret: Uint8Array): boolean {
    return [this.#known, this.#next].some((own) => own !== null && isSame(own, secret));
  }
}

/** Looks at every byte whatever the first ones are, so that the time taken tells nothing. */
function isSame(own: Uint8Array, other: Uint8Array): boolean {
  let difference = own.length ^ other.length;
  for (const [index, byte] of own.entries()) difference |= byte ^ (other[index] ?? 0);
  return difference === 0;
}
