import {
  type AnySessionEvents,
  assemble as assembleSession,
  type CloseOptions,
  closeOf,
  drainedOf,
  expectString,
  type SessionConfig,
  type SessionId,
  type SessionPair,
  type SessionParts,
  type SessionState,
  type Teller,
} from "camp-runtime";
import type { FrameTrace, SessionEngine, SessionStats } from "camp-session";
import { type Events, SessionEmitter } from "./emitter.js";
import { pageDeadlines } from "./page-deadlines.js";

/** How the connection was asked for, without credentials: neither token nor session id is in here. */
export interface SessionInfo {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly subprotocol: string | undefined;
}

/** What users of any dialect hold: events around one end of a session. */
export class WebSession<Id extends SessionId, E extends Events<E>> extends SessionEmitter<E> {
  readonly #engine: SessionEngine<Id>;
  /** How the connection was asked for. */
  readonly info: SessionInfo;
  readonly #store = new Map<string, unknown>();

  constructor(engine: SessionEngine<Id>, info: SessionInfo) {
    super();
    this.#engine = engine;
    this.info = info;
  }

  get id(): Id {
    return this.#engine.id;
  }

  /**
   * "handshaking" until both ends know each other, then "open"; "disconnected" while the client waits for its next
   * connection, "closing" during a graceful close.
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

  /** Keeps a value of the application with the session. */
  Set(key: string, value: unknown): void {
    expectString("key", key);
    this.#store.set(key, value);
  }

  /** The value that was set, or undefined. `T` is the caller's claim, not checked. */
  Get<T = unknown>(key: string): T | undefined {
    return this.#store.get(key) as T | undefined;
  }

  /** Resolves when messages need not wait; rejects with the signal's reason, or when the session ends first. */
  drained(options?: { readonly signal?: AbortSignal }): Promise<void> {
    return drainedOf(this.#engine, options);
  }

  /**
   * Ends the session gracefully: what was sent goes out and is acknowledged, within `closeTimeoutMs`. Resolves when
   * `closed` was emitted; may be called again.
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

  toJSON(): { id: string; state: SessionState } {
    return { id: String(this.id), state: this.state };
  }
}

/** Puts engine and session together. `view` gives the same memory in the form that listeners are promised. */
export function assemble<
  Session extends WebSession<SessionId, AnySessionEvents<Data>>,
  Engine extends SessionEngine,
  Data extends Uint8Array,
>(
  config: Omit<SessionConfig<Session>, "deadlines">,
  parts: SessionParts<Session, Engine>,
  view: (bytes: Uint8Array) => Data,
): SessionPair<Session, Engine> {
  const teller: Teller<Session, Data> = {
    publish: (session, event, ...args) => session.emit(event, ...args),
    // A view that fills less than half of the memory behind it would hold on to all that arrived together with it.
    owned: (bytes) => view(2 * bytes.byteLength >= bytes.buffer.byteLength ? bytes : bytes.slice()),
    tracing: false,
    trace: () => undefined,
  };
  return assembleSession<Session, Engine, Data>({ ...config, deadlines: pageDeadlines() }, parts, {
    teller,
    traceOf: () => untraced,
  });
}

const untraced: FrameTrace = { active: false, frame: () => undefined };
