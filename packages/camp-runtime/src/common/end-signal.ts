/**
 * The end of a session as an AbortSignal, for work that began outside of the engine. Most sessions never need one, so it
 * is made when it is first asked for.
 */
export class EndSignal {
  #controller: AbortController | null = null;
  #error: Error | null = null;

  /** Fires when the session ends, with the error for what was under way, or when the other signal does, with its reason. */
  signalWith(other: AbortSignal | undefined): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#error !== null) this.#controller.abort(this.#error);
    const { signal } = this.#controller;
    return other === undefined ? signal : AbortSignal.any([signal, other]);
  }

  fire(error: Error): void {
    this.#error = error;
    this.#controller?.abort(error);
  }
}
