import { Backoff, type BackoffPolicy } from "./backoff.js";
import { ConnectError, isTransient } from "./connect-error.js";
import { delay, delayMsMax, type TimerHost } from "./timers.js";

/** Opens one connection. Rejects with the reason of `signal` as soon as that is aborted. */
export type Open<T> = (signal: AbortSignal) => Promise<T>;

/** Where a client has its time and its chance from, and whom its errors name. */
export interface ConnectHost {
  readonly timers: TimerHost;
  readonly random: () => number;
  /** Host and port of the server. */
  readonly name: string;
}

/** Between the attempts of the first connect, while somebody waits for the answer. */
const firstConnect: BackoffPolicy = { minDelayMs: 50, maxDelayMs: 400, maxAttempts: Number.POSITIVE_INFINITY };

/**
 * The first connect: tries until it succeeds, fails for good, is aborted, or `timeoutMs` leaves no room for another attempt.
 * It then rejects with the last failure; with TIMEOUT only if there was none.
 */
export async function connectWithin<T>(
  open: Open<T>,
  timeoutMs: number,
  host: ConnectHost,
  signal?: AbortSignal,
): Promise<T> {
  const endMs = host.timers.now() + timeoutMs;
  const limit = new Limit(host, timeoutMs, signal);
  const backoff = new Backoff(firstConnect, host.random);
  let last: ConnectError | undefined;
  try {
    for (;;) {
      limit.check();
      try {
        return await open(limit.signal);
      } catch (error) {
        limit.check();
        if (!(error instanceof ConnectError && isTransient(error, false))) throw error;
        last = error;
      }
      const delayMs = backoff.next(last.retryAfterMs) ?? 0;
      if (host.timers.now() + delayMs >= endMs) throw last;
      await delay(delayMs, host.timers, limit.signal);
    }
  } catch (error) {
    throw error instanceof ConnectError && error.code === "TIMEOUT" ? (last ?? error) : error;
  } finally {
    limit.end();
  }
}

/** What a {@link Reconnector} works for. */
export interface Reconnectable<T> {
  readonly open: Open<T>;
  /** Takes the new connection. */
  attach(connection: T): void;
  /** There will be no other connection. `code` and `reason` are for the `closed` event. */
  abandon(code: number, reason: string): void;
}

/** How long a connection must last for the attempts before it to be forgotten (rules 3). */
const heldMs = 10_000;

/** Gives a session new connections, one after another, each time it has lost one. */
export class Reconnector<T extends { terminate(): void }> {
  readonly #session: Reconnectable<T>;
  readonly #timeoutMs: number;
  readonly #host: ConnectHost;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  /** Ends the wait for the next attempt. */
  #nap: AbortController | null = null;
  #establishedMs = Number.POSITIVE_INFINITY;

  /** @param timeoutMs how long each attempt may take */
  constructor(session: Reconnectable<T>, policy: BackoffPolicy, timeoutMs: number, host: ConnectHost) {
    this.#session = session;
    this.#timeoutMs = timeoutMs;
    this.#host = host;
    this.#backoff = new Backoff(policy, host.random);
  }

  /** The ends of the present connection have introduced themselves. */
  established(): void {
    this.#establishedMs = this.#host.timers.now();
  }

  /**
   * The connection is gone; there will be another, or the session is abandoned. A server that accepts and closes is not
   * hammered: what counts is not that a connection came about, but that it held.
   */
  lost(code: number, reason: string): void {
    if (this.#host.timers.now() - this.#establishedMs >= heldMs) this.#backoff.reset();
    this.#establishedMs = Number.POSITIVE_INFINITY;
    void this.#reconnect(code, reason);
  }

  /** Something has changed for the better: the next attempt need not wait, and those so far are forgotten. */
  wake(): void {
    this.#backoff.reset();
    this.#nap?.abort();
  }

  /** The session has ended: ends a running attempt, and makes none any more. */
  stop(): void {
    this.#stop.abort();
    this.#nap?.abort();
  }

  async #reconnect(closeCode: number, closeReason: string): Promise<void> {
    const { signal: stop } = this.#stop;
    let [code, reason] = [closeCode, closeReason];
    let retryAfterMs: number | undefined;
    let offline: boolean = false;
    await undefined; // the application hears of the loss before it may hear of the end
    while (!stop.aborted) {
      const delayMs: number | null = offline ? delayMsMax : this.#backoff.next(retryAfterMs);
      if (delayMs === null) return this.#session.abandon(code, reason);
      const result: T | Failure = await this.#attempt(delayMs, stop).catch((error: unknown) => new Failure(error));
      if (!(result instanceof Failure)) return stop.aborted ? result.terminate() : this.#session.attach(result);
      if (stop.aborted) return;
      code = 1006;
      reason = `${result.what}, attempt ${this.#backoff.attempts} to reconnect`;
      if (result.isFinal) return this.#session.abandon(code, reason);
      retryAfterMs = result.retryAfterMs;
      offline = result.what === "OFFLINE";
    }
  }

  async #attempt(delayMs: number, stop: AbortSignal): Promise<T> {
    await this.#pause(delayMs, stop);
    const limit = new Limit(this.#host, this.#timeoutMs, stop);
    try {
      return await this.#session.open(limit.signal);
    } finally {
      limit.end();
    }
  }

  async #pause(delayMs: number, stop: AbortSignal): Promise<void> {
    this.#nap = new AbortController();
    // Not AbortSignal.any: a signal that lives as long as the session would remember each of them.
    await delay(delayMs, this.#host.timers, this.#nap.signal).catch(() => {});
    this.#nap = null;
    if (stop.aborted) throw stop.reason;
  }
}

/** Why an attempt to reconnect failed. */
class Failure {
  readonly what: string;
  readonly isFinal: boolean;
  readonly retryAfterMs: number | undefined;

  /** Anything but a ConnectError comes from the caller's own token function, which may do better next time. */
  constructor(error: unknown) {
    const known = error instanceof ConnectError ? error : undefined;
    this.what = known === undefined ? "no token" : known.code;
    this.isFinal = known !== undefined && !isTransient(known, true);
    this.retryAfterMs = known?.retryAfterMs;
  }
}

/** A signal that is aborted with a ConnectError: TIMEOUT when the time is over, ABORTED when the caller's signal is. */
class Limit {
  readonly #controller = new AbortController();
  readonly #end: () => void;

  constructor({ timers, name }: ConnectHost, timeoutMs: number, parent: AbortSignal | undefined) {
    const handle = timers.setTimeout(() => {
      this.#controller.abort(new ConnectError("TIMEOUT", name, `did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const aborted = () => {
      this.#controller.abort(new ConnectError("ABORTED", name, "was given up", { cause: parent?.reason }));
    };
    if (parent?.aborted === true) aborted();
    else parent?.addEventListener("abort", aborted, { once: true });
    this.#end = () => {
      timers.clearTimeout(handle);
      parent?.removeEventListener("abort", aborted);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Throws the reason once the signal is aborted. */
  check(): void {
    if (this.signal.aborted) throw this.signal.reason;
  }

  /** Must be called when what was limited is over. */
  end(): void {
    this.#end();
  }
}
