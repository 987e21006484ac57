import { CampError } from "camp-session";

/** What kept a client from connecting. */
export type ConnectErrorCode =
  /** Nothing answered at that address, or the connection broke before it stood. */
  | "REFUSED"
  /** The server does not accept the token (401). */
  | "UNAUTHORIZED"
  /** The server does not accept the origin (403). */
  | "FORBIDDEN"
  /** The server cannot make sense of the request (400), or serves no sessions at this address. */
  | "BAD_REQUEST"
  /** A session with this id is running on the server (409). */
  | "DUPLICATE_SESSION"
  /** The server cannot take a session now (503 and other 5xx). */
  | "UNAVAILABLE"
  /** The server answered and did not open the connection, and the browser keeps the reason from the page. */
  | "REJECTED"
  /** The page is offline. A session that reconnects goes on as soon as it is online again. */
  | "OFFLINE"
  /** No answer within the time allowed. */
  | "TIMEOUT"
  /** The caller's signal was aborted; `cause` is its reason. */
  | "ABORTED"
  /** No secure connection came about, for example because the certificate is not trusted. */
  | "TLS"
  /** The server speaks another protocol, or another version of it. */
  | "VERSION"
  /** The encrypted channel could not be agreed on. */
  | "CALE";

export interface ConnectErrorOptions {
  /** The HTTP status of a refusal. */
  readonly status?: number;
  /** How long the server asks clients to stay away. */
  readonly retryAfterMs?: number | undefined;
  /** The platform's own error. Never one that may quote the request, which carries the token. */
  readonly cause?: unknown;
}

const advice: Record<ConnectErrorCode, string> = {
  REFUSED: "check the address and that the server is running",
  UNAUTHORIZED: "check the token",
  FORBIDDEN: "this origin is not on the server's list",
  BAD_REQUEST: "check that the address is that of a server for this protocol",
  DUPLICATE_SESSION: "end the other session or use another id",
  UNAVAILABLE: "try again later",
  REJECTED:
    "check the address, the token, and that a server for this protocol is there which allows this page's origin",
  OFFLINE: "connect again when the page is online",
  TIMEOUT: "check the address, or allow a longer timeout",
  ABORTED: "the caller's signal was aborted",
  TLS: "check the certificates and the tls options",
  VERSION: "use matching versions of client and server",
  CALE: "check that both ends want encryption",
};

/** A client could not connect. The message names the host, never the token or the query. */
export class ConnectError extends CampError {
  override readonly name = "ConnectError";
  declare readonly code: ConnectErrorCode;
  /** The HTTP status, where the server answered with a refusal. */
  readonly status: number | undefined;
  /** How long the server asked to stay away, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param host host and port, nothing else of the address
   * @param event what happened, as the predicate of a sentence that begins with the host
   */
  constructor(code: ConnectErrorCode, host: string, event: string, options: ConnectErrorOptions = {}) {
    super(code, `${host} ${event}; ${advice[code]}`, options.cause === undefined ? {} : { cause: options.cause });
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The error for an upgrade that was answered with an HTTP status instead (rules 1, camp-v1 section 2). */
  static fromStatus(host: string, status: number, details: RefusalDetails = {}): ConnectError {
    const code = details.sessionInUse === true ? "DUPLICATE_SESSION" : codeOf(status);
    const { retryAfterMs } = details;
    return new ConnectError(code, host, `answered with HTTP status ${status}`, { status, retryAfterMs });
  }
}

/** What a refusal says beyond its status. */
export interface RefusalDetails {
  readonly retryAfterMs?: number | undefined;
  /** The body says that the session id is in use: deployed servers answer so with 401. */
  readonly sessionInUse?: boolean;
}

function codeOf(status: number): ConnectErrorCode {
  switch (status) {
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 409:
      return "DUPLICATE_SESSION";
    case 408:
    case 429:
      return "UNAVAILABLE";
    default:
      return status >= 500 ? "UNAVAILABLE" : "BAD_REQUEST";
  }
}

/**
 * Whether another attempt may succeed (rules 3). While reconnecting, an id in use is most likely our own last connection,
 * which the server has not missed yet.
 */
export function isTransient(error: ConnectError, reconnecting: boolean): boolean {
  switch (error.code) {
    case "REFUSED":
    case "UNAVAILABLE":
    case "TIMEOUT":
    case "OFFLINE":
      return true;
    // What a browser does not tell may be our own last connection, too.
    case "REJECTED":
    case "DUPLICATE_SESSION":
      return reconnecting;
    default:
      return false;
  }
}
