/** Bytes as `ws` hands them over: a Buffer where the platform has those. */
export type WsBytes = Uint8Array<ArrayBuffer>;

/** The request of a socket that was refused: either ends the attempt. */
export interface WsRequest {
  abort(): void;
  destroy(): void;
}

/** What a server answered instead of opening a connection. */
export interface WsResponse {
  readonly statusCode: number;
  /** With names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a socket tells in the style of `ws`, by event, with the arguments of the listeners. */
export interface WsEvents {
  open: [];
  /** Text comes as bytes, too; `isBinary` tells. Bytes of `binaryType` "arraybuffer" are an ArrayBuffer. */
  message: [data: WsBytes | ArrayBuffer, isBinary: boolean];
  ping: [data: WsBytes];
  pong: [data: WsBytes];
  close: [code: number, reason: WsBytes];
  error: [error: Error];
  /** The server refused with a status. Without a listener that is an `error` and a `close`; with one, whoever listens ends the attempt. */
  "unexpected-response": [request: WsRequest, response: WsResponse];
}

type Listener<E extends keyof WsEvents> = (...args: WsEvents[E]) => void;

interface Registered {
  readonly listener: unknown;
  readonly once: boolean;
}

/** Events in the style of `ws`, beside those of the standard: each listener of either style is called. */
export class WsEmitter extends EventTarget {
  readonly #registered = new Map<string, Registered[]>();

  on<E extends keyof WsEvents>(event: E, listener: Listener<E>): this {
    return this.#register(event, { listener, once: false });
  }

  addListener<E extends keyof WsEvents>(event: E, listener: Listener<E>): this {
    return this.on(event, listener);
  }

  /** Calls `listener` at the next such event only. */
  once<E extends keyof WsEvents>(event: E, listener: Listener<E>): this {
    return this.#register(event, { listener, once: true });
  }

  /** Removes a listener: of several equal ones the last. */
  off<E extends keyof WsEvents>(event: E, listener: Listener<E>): this {
    const all = this.#registered.get(event) ?? [];
    const at = all.findLastIndex((one) => one.listener === listener);
    if (at >= 0) this.#registered.set(event, all.toSpliced(at, 1));
    return this;
  }

  removeListener<E extends keyof WsEvents>(event: E, listener: Listener<E>): this {
    return this.off(event, listener);
  }

  /** Removes the listeners of an event, or of all. Those of the standard stay. */
  removeAllListeners(event?: keyof WsEvents): this {
    if (event === undefined) this.#registered.clear();
    else this.#registered.delete(event);
    return this;
  }

  listenerCount(event: keyof WsEvents): number {
    return this.#registered.get(event)?.length ?? 0;
  }

  /** Calls the listeners of an event, and tells whether there were any. */
  emit<E extends keyof WsEvents>(event: E, ...args: WsEvents[E]): boolean {
    const all = this.#registered.get(event) ?? [];
    for (const { listener, once } of all) {
      if (once) this.off(event, listener as Listener<E>);
      (listener as Listener<E>).call(this, ...args);
    }
    return all.length > 0;
  }

  #register(event: string, registered: Registered): this {
    this.#registered.set(event, [...(this.#registered.get(event) ?? []), registered]);
    return this;
  }
}

const platform = globalThis as { readonly Buffer?: { from(bytes: ArrayBuffer): WsBytes } };

/** A copy of bytes as `ws` would hand them over. */
export function wsBytes(bytes: Uint8Array): WsBytes {
  const copy = new Uint8Array(bytes);
  return platform.Buffer?.from(copy.buffer) ?? copy;
}
