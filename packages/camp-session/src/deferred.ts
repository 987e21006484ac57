const ignore = (): void => {};

/**
 * A promise and the means to settle it. Its rejection never counts as unhandled: it is marked in the moment before, so that a
 * promise that is kept costs nothing more.
 */
export class Deferred<T> {
  readonly promise: Promise<T>;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: T): void {
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.promise.catch(ignore);
    this.#reject(error);
  }
}

/** A promise that has already failed. */
export function rejected<T>(error: unknown): Promise<T> {
  const deferred = new Deferred<T>();
  deferred.reject(error);
  return deferred.promise;
}

/** Calls `run` once when the signal fires, at once if it has; returns how to stop listening. */
export function onAbort(signal: AbortSignal | undefined, run: () => void): () => void {
  if (signal === undefined) return ignore;
  if (signal.aborted) {
    run();
    return ignore;
  }
  signal.addEventListener("abort", run, { once: true });
  return () => signal.removeEventListener("abort", run);
}
