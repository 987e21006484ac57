import { EventEmitter } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type InspectOptions, inspect } from "node:util";
import { expectOptions, type SessionPair, type TokenSource, toTimeout } from "camp-runtime";
import type { BufferBudget, SessionSettings } from "camp-session";
import { Admission } from "./admission.js";
import type { PeerContext } from "./client.js";
import type { PeerOptions } from "./client-options.js";
import { traceSession } from "./diagnostics.js";
import type { Dialect, Engine } from "./dialect.js";
import { closeWhenQuiet } from "./drain.js";
import { publish, reportFailure } from "./emitter.js";
import { type Extension, Extensions } from "./extensions.js";
import { borrowedHttpHost, type HttpHost, ownHttpHost, takeUpgrades } from "./http-host.js";
import { tellLatecomers } from "./latecomers.js";
import { createBudget } from "./memory-relief.js";
import { createDeadlines, nodeTimers } from "./node-time.js";
import { Phases } from "./phases.js";
import { Quotas } from "./quotas.js";
import { Registry } from "./registry.js";
import type { AdmissionTerms, SharedBySessions } from "./server-dialect.js";
import { type CheckedServerOptions, ratesOf } from "./server-options.js";
import type { AnySession } from "./session-events.js";
import type { TokenValidator } from "./validation.js";

/** What a server emits, by name, with the arguments of the listeners. */
export interface ServerEvents<Session> {
  /** The port is open. A listener that comes later is called as well, on the next turn. */
  listening: [];
  /** A session was admitted. Listeners attached to it before the turn ends miss nothing. */
  session: [session: Session];
  /** The port cannot be opened, or something failed that no promise tells: a listener, or `on_unregister` in `Destroy`. */
  error: [error: Error];
  /** A hook threw, took too long, or left something that cannot be sent. The message went on as the hook left it. */
  "extension-error": [extension: string, error: Error, session: Session];
}

/** For what is under way when a server drains. */
const drainDeadlineMs = 10_000;

/** The close code for sessions that may not go on, and whose clients need not come back. */
const policyViolation = 1008;

/** An extension of a server; hooks get the session, `on_register` and `on_unregister` the server. */
export type ServerExtension<Session extends AnySession, Peer extends Session = Session> = Extension<
  Session,
  SessionServer<Session, Peer>
>;

/** What a server speaks. */
export interface ServerProtocol<Session extends AnySession, Peer extends Session> {
  dialects(terms: AdmissionTerms<Session>): readonly Dialect<Session>[];
  connectPeer(
    host: string,
    bearer: TokenSource,
    options: PeerOptions | undefined,
    context: PeerContext<Session>,
  ): Promise<SessionPair<Peer>>;
}

/**
 * A server: lets sessions in, knows those that run, and keeps the extensions they share. `Session` is what it admits, `Peer`
 * what it opens to other servers.
 */
export class SessionServer<Session extends AnySession, Peer extends Session = Session> extends EventEmitter<
  ServerEvents<Session>
> {
  readonly #deadlines = createDeadlines();
  readonly #registry = new Registry<Session>(this.#deadlines);
  readonly #extensions = new Extensions<Session, SessionServer<Session, Peer>>((name, error, session) => {
    publish(this, "extension-error", name, error, session);
  });
  /** The sessions of `ConnectPeer`. */
  readonly #peers = new Map<Session, Engine>();
  readonly #protocol: ServerProtocol<Session, Peer>;
  readonly #settings: SessionSettings;
  readonly #budget: BufferBudget;
  readonly #admission: Admission<Session>;
  readonly #http: HttpHost;
  readonly #releaseUpgrades: () => void;
  /** Aborted by `Destroy`. */
  readonly #end = new AbortController();
  #destroyed: Promise<void> | undefined;

  /**
   * Starts a server. The promise resolves once the port is open or cannot be opened; the events that tell which come a turn
   * later, so that handlers attached after an `await` are in time. A server of the user's is not waited for.
   *
   * @throws TypeError (a rejection) if there is no validator
   */
  static async start<Session extends AnySession, Peer extends Session>(
    validator: TokenValidator,
    options: CheckedServerOptions,
    protocol: ServerProtocol<Session, Peer>,
  ): Promise<SessionServer<Session, Peer>> {
    if (typeof validator?.validate !== "function") {
      throw new TypeError("the first argument must be an object with a function validate(token)");
    }
    const server = new SessionServer(validator, options, protocol);
    if (options.server === undefined) await server.#http.listening;
    return server;
  }

  private constructor(
    validator: TokenValidator,
    options: CheckedServerOptions,
    protocol: ServerProtocol<Session, Peer>,
  ) {
    super();
    this.#protocol = protocol;
    const { server, port, host, ssl, path, upgradeTimeoutMs, maxBufferedBytes, idleTimeoutMs, ...limits } = options;
    const failed = (error: Error) => this.#failed(error);
    const deadlines = this.#deadlines;
    this.#settings = limits;
    this.#budget = createBudget(maxBufferedBytes, () => [...this.#registry.engines(), ...this.#peers.values()]);
    this.#admission = new Admission<Session>({
      ...limits,
      validator,
      deadlines,
      registry: this.#registry,
      quotas: new Quotas(limits),
      dialects: protocol.dialects({
        ...this.#shared,
        phases: new Phases(),
        rates: ratesOf(options),
        idleTimeoutMs: idleTimeoutMs ?? null,
      }),
      admitted: (session) => {
        traceSession("admitted", session.id, {}, session);
        publish(this, "session", session);
      },
      refused: ({ status, advice }, id, error) => {
        traceSession("refused", id, { status, reason: advice, ...(error && { error }) });
      },
      openingFailed: failed,
    });
    this.#http =
      server === undefined
        ? ownHttpHost({
            port,
            host,
            ssl,
            upgradeTimeoutMs,
            explain: (...plain) => this.#admission.explain(...plain),
            failed,
          })
        : borrowedHttpHost(server);
    this.#releaseUpgrades = takeUpgrades(this.#http.server, path, (...upgrade) => this.#admission.handle(...upgrade));
    void this.#http.listening.then((error) => setImmediate(() => this.#announce(error)));
  }

  /** The port it listens on; 0 while it does not, or if it listens on something that has none. */
  get port(): number {
    const address = this.#http.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** The HTTP server underneath, its own or the one it was given. Who adds a `request` handler answers plain HTTP. */
  get http_server(): Server {
    return this.#http.server;
  }

  /**
   * Tells a page why its upgrade was refused. Browsers keep that from pages, so clients in browsers ask the same address once more over HTTP.
   * A server of its own answers by itself; with an HTTP server of yours, and with `request` handlers of yours, call this first.
   * Says nothing that the upgrade was not told, to pages of the allowed `origins` alone.
   *
   * @returns whether the request was such a question; then it is answered
   */
  ExplainRefusal(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#admission.explain(request, response);
  }

  /** The accepted sessions that run, by their ids. Those of `ConnectPeer` are not among them. */
  get sessions(): ReadonlyMap<Session["id"], Session> {
    return this.#registry.sessions;
  }

  /**
   * Adds an extension, whose hooks run for the messages that begin from now on, in the order of registration.
   *
   * @throws TypeError if its name is taken or one of its hooks is no function; what `on_register` throws
   */
  RegisterExtension(extension: ServerExtension<Session, Peer>): void {
    this.#extensions.register(extension, this);
  }

  /** Removes an extension, given itself or its name; returns whether it was there. @throws what `on_unregister` throws */
  UnregisterExtension(extension: ServerExtension<Session, Peer> | string): boolean {
    return this.#extensions.unregister(extension, this);
  }

  /** The extension of this name, or null. */
  GetExtension(name: string): ServerExtension<Session, Peer> | null {
    return this.#extensions.get(name);
  }

  /**
   * Opens a session to another server of this protocol. It runs this server's extensions and has its settings, but fires no `session`
   * event and does not reconnect; `Get("__TYPE")` gives "peer".
   *
   * @param host `localhost:8080`, `wss://example.com/camp` or the like
   * @param bearer the token, or a function that gives it
   * @returns rejects with `ConnectError`, or with `OptionsError` or `TypeError` for what makes no sense
   */
  async ConnectPeer(host: string, bearer: TokenSource, options?: PeerOptions): Promise<Peer> {
    const { session, engine } = await this.#protocol.connectPeer(host, bearer, options, {
      ...this.#shared,
      signal: this.#end.signal,
      onClosed: (closed) => this.#peers.delete(closed),
    });
    this.#peers.set(session, engine);
    if (this.#end.signal.aborted) session.Destroy(); // `Destroy` did not see it any more
    return session;
  }

  /**
   * Ends every session of one identity at once (as `validate` named it, compared with `Object.is`), with close code 1008, after
   * which clients do not come back. Have `validate` refuse their tokens first.
   *
   * @returns how many there were
   */
  Revoke(identity: unknown): number {
    const revoked = [...this.#registry.running()].filter(({ session }) => Object.is(session.identity, identity));
    for (const { engine } of revoked) engine.fail(policyViolation, "the token was revoked");
    return revoked.length;
  }

  /**
   * Makes room for a restart. New upgrades are answered with 503 and `Retry-After`; each session emits `draining`, and is closed
   * with 1001 once it has no stream and no unacknowledged message, or when the deadline is over: then its client comes back, to
   * wherever the address leads by then. Ends as {@link SessionServer.Destroy}, with which it may be cut short.
   *
   * @param options `deadlineMs`: milliseconds for what is under way, default 10 000
   */
  async Drain(options?: { readonly deadlineMs?: number }): Promise<void> {
    expectOptions("options", options);
    const deadlineMs = toTimeout("options.deadlineMs", options?.deadlineMs, 0) ?? drainDeadlineMs;
    this.#admission.drain();
    for (const session of this.sessions.values()) publish(session as AnySession, "draining", deadlineMs);
    const over = this.#end.signal;
    await closeWhenQuiet(this.#registry.engines(), { timers: nodeTimers, deadlineMs, over });
    await this.Destroy();
  }

  /**
   * Closes all sessions gracefully, within `closeTimeoutMs`, unregisters the extensions in reverse order and frees the
   * port. Upgrades are refused from now on, also those that wait for the validator. Resolves when nothing is left; may be
   * called again.
   */
  Destroy(): Promise<void> {
    this.#destroyed ??= this.#shutDown();
    return this.#destroyed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.Destroy();
  }

  /** Nothing of options, requests or sockets is in a field that anybody could print. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `SessionServer ${inspect({ port: this.port, sessions: this.sessions.size }, options)}`;
  }

  get #shared(): SharedBySessions<Session> {
    return {
      settings: this.#settings,
      extensions: this.#extensions,
      deadlines: this.#deadlines,
      budget: this.#budget,
    };
  }

  #announce(error: Error | null): void {
    if (this.#end.signal.aborted) return;
    if (error !== null) {
      reportFailure(this, error);
      return;
    }
    publish(this, "listening");
    tellLatecomers(this, "listening", this.#end.signal);
  }

  /** For what a peer may have brought about: told to listeners, but without any it is no reason to end the process. */
  #failed(error: Error): void {
    traceSession("error", null, { error });
    publish(this, "error", error);
  }

  async #shutDown(): Promise<void> {
    this.#end.abort(new Error("the server was destroyed"));
    this.#admission.drain();
    this.#http.stopAccepting();
    const sessions = [...this.sessions.values(), ...this.#peers.keys()];
    await Promise.all(sessions.map((session) => session.Close("the server shuts down")));
    for (const error of this.#extensions.unregisterAll(this)) reportFailure(this, error);
    this.#releaseUpgrades();
    await this.#http.close();
  }
}
