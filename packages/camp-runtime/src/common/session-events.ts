import type { TokenState } from "camp-protocol";
import {
  type DropReason,
  type MessageKind,
  type Payload,
  SessionClosedError,
  type SessionEvents,
  type SessionStats,
} from "camp-session";
import type { EndSignal } from "./end-signal.js";
import type { HookSource } from "./extensions.js";

/** What a session of any dialect emits, by name, with the arguments of the listeners. */
interface SharedSessionEvents<Data extends Uint8Array> {
  /** Both ends know each other. Once per session object. */
  connected: [];
  /**
   * The connection was lost (its code and reason). A client tries to get another; a server's session waits for its client, which
   * only one that can be resumed does.
   */
  disconnected: [code: number, reason: string];
  /**
   * The next connection is there. `resumed` tells whether the session goes on where it was cut. Otherwise it begins anew, and what
   * was under way has failed or is being sent again. On clients only: a server's session is `resumed`, or `closed`.
   */
  reconnected: [outcome: { readonly resumed: boolean }];
  /** On a server: it was told to `Drain`. What is under way may be finished within so many milliseconds. */
  draining: [deadlineMs: number];
  /** The end. Exactly once, and nothing comes after it. */
  closed: [code: number, reason: string];
  "message-utf8": [data: string, mark?: PlaintextMark];
  /** The memory belongs to the listener. */
  "message-binary": [data: Data, mark?: PlaintextMark];
  "message-error": [message: string, mark?: PlaintextMark];
  /** Every heartbeat from the first acknowledgement on: average round-trip time in milliseconds (EWMA, alpha 0.2). */
  "stat-rtt": [rttMs: number];
  /** Every heartbeat: bytes of frames received in all. */
  "stat-bytes-rx": [bytes: number];
  /** Every heartbeat: bytes of frames sent in all. */
  "stat-bytes-tx": [bytes: number];
  /** Every heartbeat: messages since the last one that were not acknowledged in time. */
  "stat-ack-timeout": [count: number];
  /** The session's token ends in so many milliseconds, and the session with it. */
  "token-expiring": [remainingMs: number];
  /** Messages need not wait any more. */
  drain: [];
  /** A waiting message was given up; its promise rejects as well. */
  dropped: [reason: DropReason, kind: MessageKind];
  /** A hook of an extension threw or took too long. Only on clients; for the sessions of a server the server tells. */
  "extension-error": [extension: string, error: Error];
  /** Something failed here: a listener, or what no promise tells. Only if somebody listens. Never what a peer did. */
  error: [error: Error];
}

/** What a CAMP session emits. */
export interface CampSessionEvents<Data extends Uint8Array = Uint8Array> extends SharedSessionEvents<Data> {
  /** The client is back after `disconnected`, and the session goes on where it was cut. On servers only. */
  resumed: [];
  /** A stream of the peer began, and nobody waits for its name yet. `size` is null where the peer does not know it. */
  "stream-waiting": [name: string, size: bigint | null];
  /** A stream of the peer was cancelled because nobody waited for it. */
  "stream-unclaimed": [name: string, txId: number];
}

/** What a Cryo session emits. */
export interface CryoSessionEvents<Data extends Uint8Array = Uint8Array> extends SharedSessionEvents<Data> {
  /** Everything is encrypted from now on, on the first connection or on a later one. Only with CALE. */
  secure: [];
}

/**
 * A last argument of message events, only for a message that came in the clear although the session asked for encryption.
 * That is possible with `compat.acceptPlaintextBeforeFirstRecord` alone.
 */
export interface PlaintextMark {
  readonly plaintext: true;
}

/** Told what becomes of a session before its users hear of it. */
export interface SessionLifecycle {
  /** A handshake is over, the first one or that of a later connection, on which the session may go on where it was cut. */
  connected(resumed: boolean): void;
  disconnected(code: number, reason: string): void;
  closed(code: number, reason: string): void;
  /** On a server: the client offers a new token. */
  tokenOffered?(token: string): void;
}

/** Who runs a session. */
export interface SessionOwner<Session> {
  /** Decides who pings first, who begins a handshake, and who comes back. */
  readonly role: "client" | "server";
  readonly extensions: HookSource<Session>;
  readonly lifecycle?: SessionLifecycle;
  /** On a client: what became of the token that was offered, or that the present one ends soon. */
  tokenState?(state: TokenState, remainingMs: number): void;
  /** Runs before the user's `closed` event. */
  onClosed(): void;
}

/** The events of any dialect. */
export type AnySessionEvents<Data extends Uint8Array = Uint8Array> = CampSessionEvents<Data> & CryoSessionEvents<Data>;

/** What happened to a session, for whoever watches from outside. */
export type SessionTraceEvent =
  | "admitted"
  | "refused"
  | "attached"
  | "connected"
  | "disconnected"
  | "reconnected"
  | "resumed"
  | "secure"
  | "dropped"
  | "closed"
  | "extension-error"
  | "error";

/** What else is known of it; which fields are there depends on the event. */
export interface SessionTraceDetails {
  readonly code?: number;
  readonly reason?: string;
  readonly status?: number;
  readonly error?: Error;
}

/** How a platform tells what happens to sessions. */
export interface Teller<Session, Data extends Uint8Array> {
  /** Calls the listeners of a session; none of them can disturb the caller. */
  publish<K extends keyof AnySessionEvents & string>(
    session: Session,
    event: K,
    ...args: AnySessionEvents<Data>[K]
  ): void;
  /** The bytes in the form that listeners are promised, for them to keep. */
  owned(bytes: Uint8Array): Data;
  /** Whether anybody would hear what `trace` tells. */
  readonly tracing: boolean;
  trace(event: SessionTraceEvent, session: Session, details?: SessionTraceDetails): void;
}

const plaintextMark: PlaintextMark = { plaintext: true };

/** Tells the owner of a session, then its users, what the engine tells. */
export class EventRelay<Session extends { readonly stats: SessionStats }, Data extends Uint8Array>
  implements SessionEvents
{
  readonly #teller: Teller<Session, Data>;
  readonly #session: () => Session;
  readonly #owner: SessionOwner<Session>;
  readonly #end: EndSignal;

  /**
   * @param session is asked for when the first event comes
   * @param end is fired before anybody hears of the end
   */
  constructor(session: () => Session, owner: SessionOwner<Session>, end: EndSignal, teller: Teller<Session, Data>) {
    this.#teller = teller;
    this.#session = session;
    this.#owner = owner;
    this.#end = end;
  }

  attached(): void {
    if (this.#teller.tracing) this.#trace("attached");
  }

  connected(): void {
    if (this.#teller.tracing) this.#trace("connected");
    this.#owner.lifecycle?.connected(false);
    this.#teller.publish(this.#session(), "connected");
  }

  disconnected(code: number, reason: string): void {
    if (this.#teller.tracing) this.#trace("disconnected", { code, reason });
    this.#owner.lifecycle?.disconnected(code, reason);
    this.#teller.publish(this.#session(), "disconnected", code, reason);
  }

  reconnected(resumed: boolean): void {
    if (this.#teller.tracing) this.#trace(resumed ? "resumed" : "reconnected");
    this.#owner.lifecycle?.connected(resumed);
    if (this.#owner.role === "server") this.#teller.publish(this.#session(), "resumed");
    else this.#teller.publish(this.#session(), "reconnected", { resumed });
  }

  tokenOffered(token: string): void {
    this.#owner.lifecycle?.tokenOffered?.(token);
  }

  tokenState(state: TokenState, remainingMs: number): void {
    this.#owner.tokenState?.(state, remainingMs);
  }

  secure(): void {
    if (this.#teller.tracing) this.#trace("secure");
    this.#teller.publish(this.#session(), "secure");
  }

  message(kind: MessageKind, payload: Payload, plaintext?: true): void {
    const session = this.#session();
    const mark: [] | [PlaintextMark] = plaintext ? [plaintextMark] : [];
    if (typeof payload !== "string")
      this.#teller.publish(session, "message-binary", this.#teller.owned(payload), ...mark);
    else this.#teller.publish(session, kind === "utf8" ? "message-utf8" : "message-error", payload, ...mark);
  }

  beat(ackTimeouts: number): void {
    const session = this.#session();
    const { rttMs, bytesRx, bytesTx } = session.stats;
    if (rttMs !== null) this.#teller.publish(session, "stat-rtt", rttMs);
    this.#teller.publish(session, "stat-bytes-rx", bytesRx);
    this.#teller.publish(session, "stat-bytes-tx", bytesTx);
    this.#teller.publish(session, "stat-ack-timeout", ackTimeouts);
  }

  dropped(reason: DropReason, kind: MessageKind): void {
    if (this.#teller.tracing) this.#trace("dropped", { reason });
    this.#teller.publish(this.#session(), "dropped", reason, kind);
  }

  drain(): void {
    this.#teller.publish(this.#session(), "drain");
  }

  streamWaiting(name: string, size: bigint | null): void {
    this.#teller.publish(this.#session(), "stream-waiting", name, size);
  }

  streamUnclaimed(name: string, txId: number): void {
    this.#teller.publish(this.#session(), "stream-unclaimed", name, txId);
  }

  hookFailed(extension: string, error: Error): void {
    if (this.#teller.tracing) this.#trace("extension-error", { error });
    this.#owner.extensions.hookFailed(extension, error, this.#session());
  }

  error(error: Error): void {
    if (this.#teller.tracing) this.#trace("error", { error });
    this.#teller.publish(this.#session(), "error", error);
  }

  closed(code: number, reason: string): void {
    if (this.#teller.tracing) this.#trace("closed", { code, reason });
    this.#end.fire(new SessionClosedError(code, reason));
    this.#owner.lifecycle?.closed(code, reason);
    this.#owner.onClosed();
    this.#teller.publish(this.#session(), "closed", code, reason);
  }

  #trace(event: SessionTraceEvent, details?: SessionTraceDetails): void {
    this.#teller.trace(event, this.#session(), details);
  }
}
