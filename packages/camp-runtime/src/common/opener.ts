import { unlessAborted } from "./abort.js";
import { wrongType } from "./arguments.js";
import type { SessionId } from "./assemble.js";
import { ConnectError } from "./connect-error.js";
import { upgradeUrl } from "./host.js";

/** The server took the connection but not the subprotocol. Some deployed servers do unless none was offered. */
export class NoSubprotocolError extends ConnectError {
  constructor(host: string) {
    super("VERSION", host, "selected no subprotocol");
  }
}

/** How a client asks for a session of its dialect. */
export interface UpgradeTerms<Id extends SessionId> {
  readonly subprotocol: string;
  /** Whether the subprotocol is offered even if nothing else is. */
  readonly offersSubprotocol: boolean;
  /** The names of the session id in the query. */
  readonly idNames: readonly string[];
  /** The largest message that the server may send; a larger one is refused before it is buffered. */
  readonly messageBytesMax: number;
  /** Ids are chosen by clients, at random, so that nobody can guess one. */
  createId(): Id;
}

/** One attempt to open a connection. */
export interface UpgradeAttempt {
  /** With the session id, and with the token if that travels in the query. No error may quote it. */
  readonly url: URL;
  /** The subprotocol to offer, or null to offer none. */
  readonly subprotocol: string | null;
  readonly token: string;
  readonly messageBytesMax: number;
  /** Ends the attempt; it then rejects with the reason. */
  readonly signal: AbortSignal;
}

/** Where the token travels. */
export type TokenPlace = "query" | "header" | "subprotocol";

/** How a platform opens connections: rejects with {@link ConnectError}, or with the reason of the signal. */
export type OpenAttempt<Connection> = (attempt: UpgradeAttempt) => Promise<Connection>;

/** A bearer token, or what gives one for each attempt to connect. */
export type TokenSource = string | (() => string | Promise<string>);

/** @throws {TypeError} for anything else */
export function expectTokenSource(name: string, value: unknown): asserts value is TokenSource {
  if (typeof value !== "string" && typeof value !== "function") throw wrongType(name, "a string or a function", value);
}

/** Opens the connections of one session, one after another. */
export class Opener<Id extends SessionId, Connection> {
  readonly #url: URL;
  readonly #token: TokenSource;
  readonly #tokenIn: TokenPlace;
  readonly #terms: UpgradeTerms<Id>;
  readonly #attempt: OpenAttempt<Connection>;
  #sessionId: Id;
  #subprotocol: string | null;
  #opened = false;

  constructor(
    url: URL,
    token: TokenSource,
    tokenIn: TokenPlace,
    terms: UpgradeTerms<Id>,
    attempt: OpenAttempt<Connection>,
  ) {
    this.#url = url;
    this.#token = token;
    this.#tokenIn = tokenIn;
    this.#terms = terms;
    this.#attempt = attempt;
    this.#sessionId = terms.createId();
    const offers = terms.offersSubprotocol || tokenIn === "subprotocol";
    this.#subprotocol = offers ? terms.subprotocol : null;
  }

  /** The id of the session. It stays the same once a connection was open. */
  get sessionId(): Id {
    return this.#sessionId;
  }

  /** Rejects with `ConnectError`, with the reason of the signal, or with what the token function failed with. */
  async open(signal: AbortSignal): Promise<Connection> {
    const token = await this.#nextToken(signal);
    const connection = await this.#openWith(token, signal).catch((error: unknown) => {
      if (!(error instanceof NoSubprotocolError)) throw error;
      // The server wants none offered: not now and not later. It took the first connection, though, and may hold on to its
      // id for a while; no session of ours needs that id yet.
      this.#subprotocol = null;
      if (!this.#opened) this.#sessionId = this.#terms.createId();
      return this.#openWith(token, signal);
    });
    this.#opened = true;
    return connection;
  }

  #openWith(token: string, signal: AbortSignal): Promise<Connection> {
    const { idNames, messageBytesMax } = this.#terms;
    return this.#attempt({
      url: upgradeUrl(this.#url, this.#tokenIn === "query" ? token : null, this.#sessionId, idNames),
      subprotocol: this.#subprotocol,
      token,
      messageBytesMax,
      signal,
    });
  }

  async #nextToken(signal: AbortSignal): Promise<string> {
    if (typeof this.#token === "string") return this.#token;
    const token: unknown = await unlessAborted(this.#token(), signal);
    if (typeof token !== "string") throw wrongType("the token function's result", "a string", token);
    return token;
  }
}
