import {
  type BackoffPolicy,
  boolean,
  caleColumns,
  checkOptions,
  connectColumns,
  group,
  messageColumns,
  oneOf,
  type ReconnectOptions,
  type Resolved,
  reconnectColumn,
  sessionColumns,
} from "camp-runtime";
import { type Backpressure, defaultSettings, type SessionSettings } from "camp-session";

/** Options of a client in a browser. What contradicts itself, lies outside its range or is unknown is refused. */
interface ClientOptions {
  /** Milliseconds in which the first connection must come about, and each later attempt. Default 5000. */
  readonly timeout?: number;
  /** Gives up the first connect: the factory rejects with a `ConnectError` of code ABORTED. */
  readonly signal?: AbortSignal;
  /** Where the token travels: in the query of the URL, or as a subprotocol, which proxies do not log. Default "query". */
  readonly tokenIn?: "query" | "subprotocol";
  /** More query parameters for the upgrade request. */
  readonly query?: Readonly<Record<string, string>>;
  /** Whether and how a lost connection is replaced. Default: it is, see {@link ReconnectOptions}. */
  readonly reconnect?: false | ReconnectOptions;
  /** Milliseconds of silence after which the server is asked whether it lives; as many again, and it is lost. Default 20 000. */
  readonly keepAliveIntervalMs?: number;
  /** Milliseconds from when a message left until it must be acknowledged. Default 10 000. */
  readonly ackTimeoutMs?: number;
  /** Milliseconds for the handshake. Default 5000. */
  readonly handshakeTimeoutMs?: number;
  /** Milliseconds for one hook with one message. Default 10 000. */
  readonly hookTimeoutMs?: number;
  /** Milliseconds for a graceful close as a whole. Default 3000. */
  readonly closeTimeoutMs?: number;
  /** When sending waits, what may wait, and what is dropped beyond. A single mark brings the other along. */
  readonly backpressure?: Partial<Backpressure>;
}

/** Options of a CAMP client. */
export interface CampClientOptions extends ClientOptions {
  /** Milliseconds for which unread streams may hold up the session. Default 10 000. */
  readonly streamStallTimeoutMs?: number;
  /** Streams open at a time, per direction: more of the peer's are cancelled, more of this end's wait. Default 256. */
  readonly maxStreams?: number;
  /**
   * Milliseconds for which what is under way is kept after the connection was cut, so that the session can be resumed. 0: it is
   * not, and every connection begins anew. Servers have a limit of their own. Default 120 000.
   */
  readonly resumeWindowMs?: number;
}

/** Options of a Cryo client. */
export interface CryoClientOptions extends ClientOptions {
  /** Whether to encrypt with CALE. Default false. Both ends must agree. */
  readonly use_cale?: boolean;
  /** Which counters of the server are accepted: see the options of `cryo-client-node`. Default "window". */
  readonly nonceOrder?: "window" | "strict";
  /** For deployed servers that send before they encrypt. */
  readonly compat?: { readonly acceptPlaintextBeforeFirstRecord?: boolean };
}

const clientColumns = {
  ...connectColumns,
  tokenIn: oneOf("query", ["query", "subprotocol"]),
  reconnect: reconnectColumn,
};

const campTable = { ...clientColumns, ...sessionColumns(20_000) };

const cryoTable = {
  ...clientColumns,
  ...messageColumns(20_000),
  ...caleColumns(),
  compat: group({ acceptPlaintextBeforeFirstRecord: boolean(false) }),
};

/** How to connect, with every default filled in. */
export type CheckedOptions = Resolved<typeof clientColumns> & { readonly reconnect: BackoffPolicy | false };

/** @throws {OptionsError} for an option that is unknown, makes no sense, or contradicts another */
export function checkCampOptions(given: CampClientOptions | undefined): Resolved<typeof campTable> {
  return checkOptions(campTable, given);
}

/** @throws {OptionsError} as above. The result can be passed on as `SessionSettings`, too: Cryo has no streams to stall. */
export function checkCryoOptions(given: CryoClientOptions | undefined): Resolved<typeof cryoTable> & SessionSettings {
  return { ...defaultSettings, ...checkOptions(cryoTable, given) };
}
