/** Names of events and the arguments of their listeners. */
export type Events<E> = Record<keyof E, unknown[]>;

type Listener = (...args: never[]) => unknown;

/** What listeners added with `addEventListener` get. */
export class SessionEvent<Args extends readonly unknown[]> extends Event {
  /** What a listener added with `on` gets as its arguments. */
  readonly args: Args;

  constructor(type: string, args: Args) {
    super(type);
    this.args = args;
  }

  /** The first of them: of a message, what is in it. */
  get data(): Args[0] {
    return this.args[0];
  }
}

type EventListenerOf<Args extends readonly unknown[]> = (event: SessionEvent<Args>) => unknown;

/** Events in both styles: `on`, `once` and `off` as on Node, `addEventListener` as everywhere in a browser. */
export class SessionEmitter<E extends Events<E>> extends EventTarget {
  readonly #listeners = new Map<string, readonly { readonly listener: Listener; readonly once: boolean }[]>();
  readonly #types = new Set<string>();

  on<K extends keyof E & string>(event: K, listener: (...args: E[K]) => unknown): this {
    return this.#add(event, listener, false);
  }

  once<K extends keyof E & string>(event: K, listener: (...args: E[K]) => unknown): this {
    return this.#add(event, listener, true);
  }

  off<K extends keyof E & string>(event: K, listener: (...args: E[K]) => unknown): this {
    const present = this.#listeners.get(event) ?? [];
    const index = present.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) this.#listeners.set(event, present.toSpliced(index, 1));
    return this;
  }

  override addEventListener<K extends keyof E & string>(
    type: K,
    listener: EventListenerOf<E[K]> | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(type: string, listener: unknown, options?: AddEventListenerOptions | boolean): void {
    this.#types.add(type);
    super.addEventListener(type, listener as EventListener | null, options);
  }

  /** Calls the listeners of an event. One that fails is reported and disturbs nobody. For the library. */
  emit<K extends keyof E & string>(event: K, ...args: E[K]): boolean {
    const listeners = this.#listeners.get(event) ?? [];
    for (const { listener, once } of listeners) {
      if (once) this.off(event, listener as (...args: E[K]) => unknown);
      this.#call(event, listener, args);
    }
    // An event object for each message is made only where somebody wants it.
    if (this.#types.has(event)) this.dispatchEvent(new SessionEvent(event, args));
    return listeners.length > 0;
  }

  /** Tells what a callback of the user threw: to the listeners of `error`, else to the page, as it does itself. */
  fail(error: unknown): void {
    const listeners = this.#listeners.get("error") ?? [];
    if (listeners.length === 0 && !this.#types.has("error")) reportError(error);
    else this.emit("error" as keyof E & string, ...([error] as unknown as E[keyof E & string]));
  }

  #add(event: string, listener: Listener, once: boolean): this {
    if (typeof listener !== "function") throw new TypeError("listener must be a function");
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), { listener, once }]);
    return this;
  }

  #call(event: string, listener: Listener, args: readonly unknown[]): void {
    const failed = (error: unknown) => (event === "error" ? reportError(error) : this.fail(error));
    try {
      const result: unknown = Reflect.apply(listener, this, args);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
