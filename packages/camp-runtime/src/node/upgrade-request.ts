import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { clientAddress } from "./client-address.js";
import type { SessionInfo } from "./node-session.js";

/** What would let somebody else in, and the ids that ask for it: no session remembers these. */
const secretParameters: ReadonlySet<string> = new Set(["authorization", "x-camp-sid", "x-cryo-sid"]);
const secretHeaders: ReadonlySet<string> = new Set([
  ...["authorization", "proxy-authorization", "cookie"],
  "sec-websocket-protocol", // may carry the token; what was selected is told by itself
]);

/** The query of a request. Names are matched without regard to case (camp-v1 section 2). */
export class Parameters {
  readonly #pairs: ReadonlyArray<[name: string, value: string]>;

  constructor(query: string) {
    this.#pairs = [...new URLSearchParams(query)];
  }

  /** Every value under any spelling of `name`, which is given in lower case. */
  named(name: string): string[] {
    return this.#pairs.filter(([spelling]) => spelling.toLowerCase() === name).map(([, value]) => value);
  }

  without(names: ReadonlySet<string>): URLSearchParams {
    return new URLSearchParams(this.#pairs.filter(([name]) => !names.has(name.toLowerCase())));
  }
}

/** The parts of an upgrade request that admission looks at. It holds the token: neither log nor keep it. */
export class UpgradeRequest {
  readonly path: string;
  readonly parameters: Parameters;
  /** Of the client, as far as the proxies in front of this server are to be believed. */
  readonly remoteAddress: string | undefined;
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage, trustedProxies: number) {
    const { path, query } = splitTarget(message.url);
    this.#message = message;
    this.remoteAddress = clientAddress(message, trustedProxies);
    this.path = path;
    this.parameters = new Parameters(query);
  }

  /** Browsers send it, other clients need not. */
  get origin(): string | undefined {
    return this.#message.headers.origin;
  }

  /**
   * The bearer token, or null if there is none, none of the right form, or more than one: the query parameter counts, without it the
   * header, without that the subprotocol `camp.bearer.<base64url>`, for browsers that cannot set headers.
   */
  get token(): string | null {
    const parameters = this.parameters.named("authorization");
    const given = parameters.length > 0 ? parameters : (this.#message.headersDistinct.authorization ?? []);
    if (given.length === 0) return tokenFromProtocols(this.#message.headers["sec-websocket-protocol"]);
    if (given.length > 1) return null;
    return /^Bearer +(\S.*)$/is.exec(given[0]!)?.[1] ?? null;
  }

  /** What a session may remember of its request. */
  describe(subprotocol: string | undefined): SessionInfo {
    return new RequestDescription(this.path, this.parameters, this.#message.headers, subprotocol);
  }
}

/**
 * A request without its secrets. Every session keeps one and few are ever asked for it, so query and headers lie in one string
 * each and are taken apart when they are wanted.
 */
class RequestDescription implements SessionInfo {
  readonly path: string;
  readonly subprotocol: string | undefined;
  readonly #query: string;
  readonly #headers: string;

  constructor(path: string, parameters: Parameters, headers: IncomingHttpHeaders, subprotocol: string | undefined) {
    this.path = path;
    this.subprotocol = subprotocol;
    this.#query = parameters.without(secretParameters).toString();
    this.#headers = JSON.stringify(withoutSecrets(headers));
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#query);
  }

  get headers(): IncomingHttpHeaders {
    return JSON.parse(this.#headers) as IncomingHttpHeaders;
  }

  get origin(): string | undefined {
    return this.headers.origin;
  }
}

const bearerProtocol = "camp.bearer.";

function tokenFromProtocols(offered = ""): string | null {
  const given = offered
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name.startsWith(bearerProtocol));
  if (given.length !== 1) return null;
  const token = Buffer.from(given[0]!.slice(bearerProtocol.length), "base64url").toString("utf8");
  return token === "" ? null : token;
}

/** The path of a request target, which may be anything that fits into a line. Proxies may send the whole URL. */
export function pathOf(target: string | undefined): string {
  return splitTarget(target).path;
}

function splitTarget(target = "/"): { path: string; query: string } {
  const mark = target.indexOf("?");
  const location = mark < 0 ? target : target.slice(0, mark);
  const path = location.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
  return { path: path === "" ? "/" : path, query: mark < 0 ? "" : target.slice(mark + 1) };
}

export function withoutSecrets(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name)));
}
