import { OptionsError } from "./options.js";

/** Parameters that the protocol owns; none of the caller's may look like one, whatever its case. */
const reservedNames = new Set(["authorization", "x-camp-sid", "x-cryo-sid"]);

/**
 * The address that a caller gave as a WebSocket URL: `localhost:8080`, `ws://…`, `wss://…` and `http(s)://…` are understood,
 * with or without path and query.
 * @param query more query parameters
 * @param secure what an address without a scheme means: `wss`, as on an https page, or `ws`
 * @throws {OptionsError} for anything else; the address is never quoted, since a query may hold secrets
 */
export function parseHost(host: string, query: Readonly<Record<string, string>> = {}, secure = false): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(host)?.[1]?.toLowerCase();
  if (scheme !== undefined && !["ws", "wss", "http", "https"].includes(scheme)) {
    throw new OptionsError("host", `must begin with ws://, wss://, http://, https:// or no scheme, not ${scheme}://`);
  }
  const rest = scheme === undefined ? host : host.slice(scheme.length + 3);
  const isSecure = scheme === undefined ? secure : scheme === "wss" || scheme === "https";
  const url = parse(`${isSecure ? "wss" : "ws"}://${rest}`);
  // Some browsers take blanks within the host for a part of its name.
  if (url === null || /^\s*[/\\?#]|^[^/\\?#]*\S\s+[^\s/\\?#]/.test(rest)) {
    throw new OptionsError("host", "must be a host with an optional port, path and query, such as localhost:8080");
  }
  url.hash = "";
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
  for (const name of url.searchParams.keys()) {
    if (!reservedNames.has(name.toLowerCase())) continue;
    throw new OptionsError("query", `must not contain ${name.toLowerCase()}, which the client sets itself`);
  }
  return url;
}

/**
 * A copy of `url` that carries what an upgrade request needs (camp-v1 section 2): the session id under each of the names that the
 * dialect has for it, and the token, or null if that travels elsewhere.
 */
export function upgradeUrl(
  url: URL,
  token: string | null,
  sessionId: bigint | string,
  idNames: readonly string[],
): URL {
  const result = new URL(url.toString());
  // Not those of the URL itself, which is parsed anew for each that is added.
  const parameters = new URLSearchParams(url.search);
  if (token !== null) parameters.append("authorization", `Bearer ${token}`);
  for (const name of idNames) parameters.append(name, `${sessionId}`);
  // A space travels as %20: "+" is a space only to those who parse forms.
  result.search = parameters.toString().replaceAll("+", "%20");
  return result;
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
