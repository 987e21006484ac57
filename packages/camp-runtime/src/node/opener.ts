import { upgradeUrl, wrongType } from "camp-runtime";
import type { CheckedPeerOptions } from "./client-options.js";
import { NoSubprotocolError, type OpenConnection, openConnection } from "./connect.js";
import type { SessionId } from "./dialect.js";
import type { UpgradeTerms } from "./upgrade-terms.js";

/** A bearer token, or what gives one for each attempt to connect. */
export type TokenSource = string | (() => string | Promise<string>);

/** @throws {TypeError} for anything else */
export function expectTokenSource(name: string, value: unknown): asserts value is TokenSource {
  if (typeof value !== "string" && typeof value !== "function") throw wrongType(name, "a string or a function", value);
}

/** Opens the connections of one session, one after another. */
export class Opener<Id extends SessionId> {
  readonly #url: URL;
  readonly #token: TokenSource;
  readonly #options: CheckedPeerOptions;
  readonly #terms: UpgradeTerms<Id>;
  #sessionId: Id;
  #subprotocol: string | null;
  #opened = false;

  constructor(url: URL, token: TokenSource, options: CheckedPeerOptions, terms: UpgradeTerms<Id>) {
    this.#url = url;
    this.#token = token;
    this.#options = options;
    this.#terms = terms;
    this.#sessionId = terms.createId();
    const offers = terms.offersSubprotocol || options.tokenIn === "subprotocol";
    this.#subprotocol = offers ? terms.subprotocol : null;
  }

  /** The id of the session. It stays the same once a connection was open. */
  get sessionId(): Id {
    return this.#sessionId;
  }

  /** Rejects with `ConnectError`, with the reason of the signal, or with what the token function failed with. */
  async open(signal: AbortSignal): Promise<OpenConnection> {
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

  #openWith(token: string, signal: AbortSignal): Promise<OpenConnection> {
    const { headers, tls, tokenIn } = this.#options;
    const { idNames, messageBytesMax } = this.#terms;
    const bearer = `camp.bearer.${Buffer.from(token).toString("base64url")}`;
    return openConnection({
      url: upgradeUrl(this.#url, tokenIn === "query" ? token : null, this.#sessionId, idNames),
      subprotocol: this.#subprotocol,
      alsoOffered: tokenIn === "subprotocol" ? [bearer] : [],
      headers: tokenIn === "header" ? { ...headers, Authorization: `Bearer ${token}` } : headers,
      tls,
      maxPayload: messageBytesMax,
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

/** Settles as `promise` does, unless the signal is aborted before. */
function unlessAborted<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
