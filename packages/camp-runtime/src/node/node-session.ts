import { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { type InspectOptions, inspect } from "node:util";
import { type CloseOptions, closeOf, drainedOf, expectString, type SessionState } from "camp-runtime";
import type { SessionEngine, SessionStats } from "camp-session";
import type { Events } from "./emitter.js";

/** How the connection was asked for, without credentials: neither token nor session id is in here. */
export interface SessionInfo {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly origin: string | undefined;
  readonly subprotocol: string | undefined;
}

/** What a session knows of itself from its start. */
export interface SessionOrigin {
  /** What `Get("__TYPE")` gives: "client" for a session that a server accepted, "peer" for one that it opened. */
  readonly type: "client" | "peer" | undefined;
  readonly info: SessionInfo;
  readonly remoteAddress: string | undefined;
  /** What the server's validator named as the owner of the token. */
  readonly identity?: unknown;
}

/** What users of any dialect hold: an event emitter around one end of a session. */
export class NodeSession<Id extends bigint | string, E extends Events<E>> extends EventEmitter<E> {
  readonly #engine: SessionEngine<Id>;
  readonly #origin: SessionOrigin;
  /** Made for the first value. */
  #store: Map<string, unknown> | null = null;

  constructor(engine: SessionEngine<Id>, origin: SessionOrigin) {
    super();
    this.#engine = engine;
    this.#origin = origin;
  }

  get id(): Id {
    return this.#engine.id;
  }

  /** Which end of the session this is: "client" for the one that connected, "server" for the one that was connected to. */
  get role(): "client" | "server" {
    return this.#origin.type === "client" ? "server" : "client";
  }

  /**
   * "idle" before the first connection, "handshaking" until both ends know each other, "disconnected" while a client
   * waits for its next connection, "closing" during a graceful close.
   */
  get state(): SessionState {
    return this.#engine.state;
  }

  /** A snapshot of what the session did so far. */
  get stats(): SessionStats {
    return this.#engine.stats;
  }

  /** False while messages have to wait; `drain` tells when that is over. */
  get writable(): boolean {
    return this.#engine.canSend;
  }

  get info(): SessionInfo {
    return this.#origin.info;
  }

  /** IP address of the other end, as the socket has it. */
  get remoteAddress(): string | undefined {
    return this.#origin.remoteAddress;
  }

  /** On a server, whose token it was: what `validate` returned as `identity`. Undefined otherwise. */
  get identity(): unknown {
    return this.#origin.identity;
  }

  /** Keeps a value of the application with the session. */
  Set(key: string, value: unknown): void {
    expectString("key", key);
    this.#store ??= new Map();
    this.#store.set(key, value);
  }

  /** The value that was set, or undefined. `T` is the caller's claim, not checked. */
  Get<T = unknown>(key: string): T | undefined {
    if (this.#store?.has(key)) return this.#store.get(key) as T;
    return (key === "__TYPE" ? this.#origin.type : undefined) as T | undefined;
  }

  /**
   * Resolves when messages need not wait, at once if they need not now; rejects with the signal's reason, or with
   * `SessionClosedError` when the session ends first.
   */
  drained(options?: { readonly signal?: AbortSignal }): Promise<void> {
    return drainedOf(this.#engine, options);
  }

  /**
   * Ends the session gracefully (rules 16): what was sent goes out and is acknowledged, within `closeTimeoutMs`. New
   * sends and unfinished streams fail at once. Resolves when `closed` was emitted; may be called again.
   *
   * @param reason told to the peer, cut to 123 bytes
   */
  Close(reason = "", options?: CloseOptions): Promise<void> {
    return closeOf(this.#engine, reason, options);
  }

  /** Ends the session at once; what was not acknowledged rejects. `closed` comes with (1006, "destroyed"). */
  Destroy(): void {
    this.#engine.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.Close("disposed");
  }

  /** Which session and how it is: URLs, tokens and sockets are in no field that anybody could print. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `${this.constructor.name} ${inspect({ id: this.id, state: this.state }, options)}`;
  }

  toJSON(): { id: string; state: SessionState } {
    return { id: String(this.id), state: this.state };
  }
}
