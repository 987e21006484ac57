/**
 * Something that ends once, and one listener at a time who wants to know. An AbortSignal for each upgrade would cost more than the
 * rest of its admission.
 */
export class Ending {
  /** Called when it ends; whoever no longer cares sets it to null. */
  listener: (() => void) | null = null;
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.listener?.();
  }
}
