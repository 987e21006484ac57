import { validateHeaderName, validateHeaderValue } from "node:http";
import {
  boolean,
  type Column,
  caleColumns,
  callback,
  checkOptions,
  column,
  connectColumns,
  group,
  messageColumns,
  OptionsError,
  oneOf,
  optional,
  type ReconnectOptions,
  type Resolved,
  reconnectColumn,
  sessionColumns,
  toTexts,
} from "camp-runtime";
import { type Backpressure, defaultSettings, type SessionSettings } from "camp-session";
import type { TlsOptions } from "./connect.js";
import type { Masking } from "./masking.js";

type Texts = Readonly<Record<string, string>>;

/** Options that clients of every dialect share. What contradicts itself, lies outside its range or is unknown is refused. */
interface ClientOptions {
  /** Milliseconds in which the first connection must come about, and each later attempt. Default 5000. */
  readonly timeout?: number;
  /** Gives up the first connect: the factory rejects with a `ConnectError` of code ABORTED. */
  readonly signal?: AbortSignal;
  /**
   * Where the token travels: in the query of the upgrade request (default, understood by every server), in its header
   * `Authorization`, or as the subprotocol `camp.bearer.<base64url>`. The latter two stay out of access logs.
   */
  readonly tokenIn?: "query" | "header" | "subprotocol";
  /** More query parameters for the upgrade request. */
  readonly query?: Readonly<Record<string, string>>;
  /** More headers for the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For `wss://`: certificates and how to check the server's, as in `node:tls`. */
  readonly tls?: TlsOptions;
  /**
   * `auto`, the default: frames are masked with a random key unless they travel within TLS or to this very machine, where that
   * protects nobody. `always`: everywhere, as the letter of RFC 6455 has it.
   */
  readonly masking?: Masking;
  /** Whether and how a lost connection is replaced. Default: it is, see {@link ReconnectOptions}. */
  readonly reconnect?: false | ReconnectOptions;

  /** Milliseconds of silence after which the server is asked whether it lives; as many again, and it is lost. Default 20 000. */
  readonly keepAliveIntervalMs?: number;
  /** Milliseconds from when a message left until it must be acknowledged. Default 10 000. */
  readonly ackTimeoutMs?: number;
  /** Milliseconds for the server to introduce itself. Default 5000. */
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
  /** Whether everything is encrypted with CALE. The server must want the same. Default false. */
  readonly use_cale?: boolean;
  /**
   * Which counters of the server's records are accepted: each once within a window of 4096 ("window", the default), or only
   * ever greater ones with gaps of at most 32 ("strict"), for servers of this library.
   */
  readonly nonceOrder?: "window" | "strict";
  /** Concessions to deployed servers. */
  readonly compat?: {
    /** Takes messages that the server sent before it was secure, marked as such. Default false: they end the session. */
    readonly acceptPlaintextBeforeFirstRecord?: boolean;
  };
}

/** What a session that a server opens to another one can be told: how to connect, the rest is the server's. */
export type PeerOptions = Pick<
  ClientOptions,
  "timeout" | "signal" | "tokenIn" | "query" | "headers" | "tls" | "masking"
>;

/** How to connect. */
const nodeColumns = {
  ...connectColumns,
  tokenIn: oneOf("query", ["query", "header", "subprotocol"]),
  headers: column<Texts>({}, toHeaders),
  tls: column<TlsOptions | undefined>(undefined, toTlsOptions),
  masking: oneOf<Masking>("auto", ["auto", "always"]),
};

const clientColumns = { ...nodeColumns, reconnect: reconnectColumn };

const campTable = { ...clientColumns, ...sessionColumns(20_000) };

const cryoTable = {
  ...clientColumns,
  ...messageColumns(20_000),
  ...caleColumns(),
  compat: group({ acceptPlaintextBeforeFirstRecord: boolean(false) }),
};

/** How to connect, with every default filled in. */
export type CheckedPeerOptions = Resolved<typeof nodeColumns>;

/** The options of a CAMP client, all of them. They can be passed on as `SessionSettings`. */
export type CheckedClientOptions = Resolved<typeof campTable>;

/** @throws {OptionsError} for an option that is unknown, makes no sense, or contradicts another */
export function checkClientOptions(given: CampClientOptions | undefined): CheckedClientOptions {
  return checkOptions(campTable, given);
}

/** @throws {OptionsError} as above. The result can be passed on as `SessionSettings`, too: Cryo has no streams to stall. */
export function checkCryoClientOptions(
  given: CryoClientOptions | undefined,
): Resolved<typeof cryoTable> & SessionSettings {
  return { ...defaultSettings, ...checkOptions(cryoTable, given) };
}

/** @throws {OptionsError} as above */
export function checkPeerOptions(given: PeerOptions | undefined): CheckedPeerOptions {
  return checkOptions(nodeColumns, given);
}

/** Headers that make up the handshake itself. */
const handshakeHeader = /^(connection|upgrade|sec-websocket-.*)$/i;

function toHeaders(value: unknown, option: string): Texts {
  const headers = toTexts(value, option);
  for (const [name, text] of Object.entries(headers)) {
    if (handshakeHeader.test(name)) throw new OptionsError(`${option}.${name}`, "belongs to the WebSocket handshake");
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    } catch {
      throw new OptionsError(`${option}.${name}`, "is no legal header");
    }
  }
  return headers;
}

const anything = column<unknown>(undefined, (value) => value);
const tlsTable = {
  ca: anything,
  cert: anything,
  key: anything,
  pfx: anything,
  passphrase: anything,
  rejectUnauthorized: optional(boolean(true)),
  servername: anything,
  minVersion: anything,
  checkServerIdentity: callback(),
} satisfies Record<keyof TlsOptions, Column<unknown>>;

/** Only what was given: to `node:tls`, undefined is a value of its own. */
function toTlsOptions(value: unknown, option: string): TlsOptions {
  const checked = Object.entries(checkOptions(tlsTable, value, option));
  return Object.fromEntries(checked.filter(([, given]) => given !== undefined));
}
