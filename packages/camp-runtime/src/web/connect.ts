import {
  type ClientConnection,
  ConnectError,
  NoSubprotocolError,
  type TokenPlace,
  type UpgradeAttempt,
} from "camp-runtime";
import { WebSocketTransport } from "./web-socket-transport.js";
import { pageTurns } from "./web-time.js";

/** An open connection of which the session has heard nothing yet. */
export interface WebConnection extends ClientConnection {
  readonly transport: WebSocketTransport;
  readonly subprotocol: string | undefined;
}

const loopback = /^(?:localhost|127\.[\d.]+|\[::1\])$/;

/** Opens a WebSocket. Rejects with {@link ConnectError}, or with the reason of the signal. */
export function openWebSocket(attempt: UpgradeAttempt, tokenIn: TokenPlace): Promise<WebConnection> {
  const { url, subprotocol, token, signal } = attempt;
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw signal.reason;
    // Some browsers let a WebSocket wait for the network. This machine can be reached without one.
    if (!navigator.onLine && !loopback.test(url.hostname)) {
      throw new ConnectError("OFFLINE", url.host, "was not tried: the page is offline");
    }
    const offered = subprotocol === null ? [] : [subprotocol];
    const ws = createWebSocket(url, tokenIn === "subprotocol" ? [...offered, bearerProtocol(token)] : offered);
    const abort = () => {
      reject(signal.reason);
      ws.close();
    };
    const failed = () => {
      signal.removeEventListener("abort", abort);
      void explain(attempt).then(reject);
    };
    signal.addEventListener("abort", abort, { once: true });
    ws.addEventListener("error", failed, { once: true });
    ws.addEventListener("open", () => {
      signal.removeEventListener("abort", abort);
      ws.removeEventListener("error", failed);
      const transport = new WebSocketTransport(ws, pageTurns());
      resolve({ transport, subprotocol: ws.protocol === "" ? undefined : ws.protocol });
    });
  });
}

/** A page that came over https may open no `ws://`, except to its own machine. */
function createWebSocket(url: URL, protocols: string[]): WebSocket {
  try {
    return new WebSocket(url, protocols);
  } catch {
    throw new ConnectError("TLS", url.host, "may not be connected to without TLS from a page that came over https");
  }
}

function bearerProtocol(token: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(token));
  return `camp.bearer.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/**
 * Browsers keep from a page why its WebSocket did not open. The same address is asked once more over HTTP: our servers repeat
 * what they answered to the upgrade; of others one learns at least that somebody answered.
 */
async function explain({ url, subprotocol, signal }: UpgradeAttempt): Promise<unknown> {
  const { host } = url;
  const answer = await ask(url, signal);
  if (signal.aborted) return signal.reason;
  if (answer === null) return new ConnectError("REFUSED", host, "could not be connected to");
  const { status } = answer;
  if (status >= 400 && status !== 426) {
    const retryAfterS = Number(answer.headers.get("Retry-After") ?? "none");
    return ConnectError.fromStatus(host, status, { retryAfterMs: retryAfterS >= 0 ? 1000 * retryAfterS : undefined });
  }
  // Some servers open nothing for those who offer a subprotocol that they do not know.
  if (subprotocol !== null) return new NoSubprotocolError(host);
  return new ConnectError("REJECTED", host, "answered, but opened no WebSocket");
}

/** An answer over HTTP, with status 0 where it may not be seen; null for none. */
async function ask(url: URL, signal: AbortSignal): Promise<Response | null> {
  const address = url.href.replace(/^ws/, "http");
  const options = {
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal,
  } as const;
  for (const mode of ["cors", "no-cors"] as const) {
    try {
      return await fetch(address, { ...options, mode });
    } catch {
      // Not allowed to see it, or nobody there: the second request tells these apart.
    }
  }
  return null;
}
