/**
 * The bytes that all sessions of a server hold for their peers together (rules 26). While `exceeded`, each session makes do
 * with less; past twice the limit `onOverflow` asks the owner to end the largest session.
 */
export class BufferBudget {
  readonly limitBytes: number;
  readonly #onOverflow: () => void;
  #usedBytes = 0;

  constructor(limitBytes: number, onOverflow: () => void) {
    this.limitBytes = limitBytes;
    this.#onOverflow = onOverflow;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get exceeded(): boolean {
    return this.#usedBytes > this.limitBytes;
  }

  /** A session holds `deltaBytes` more, or less, than it said before. */
  add(deltaBytes: number): void {
    this.#usedBytes += deltaBytes;
    if (this.#usedBytes > 2 * this.limitBytes) this.#onOverflow();
  }
}
