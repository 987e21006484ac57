type Listener = (...args: readonly unknown[]) => void;

/** Listeners by the name of the event. Runs on every platform. */
export class Emitter<Events extends { readonly [Name in keyof Events]: readonly unknown[] }> {
  readonly #listeners = new Map<keyof Events, Set<Listener>>();

  /** @returns ends the listening */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    // What is emitted under a name is what its listeners take.
    const listening = listener as unknown as Listener;
    this.#listeners.set(name, listeners.add(listening));
    return () => listeners.delete(listening);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(...args);
  }
}
