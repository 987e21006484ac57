import type { Server } from "node:http";
import type { ServerOptions as TlsOptions } from "node:https";
import {
  type Column,
  caleColumns,
  checkOptions,
  column,
  describe,
  integer,
  messageColumns,
  milliseconds,
  OptionsError,
  object,
  optional,
  type Resolved,
  sessionColumns,
} from "camp-runtime";
import { type Backpressure, defaultSettings, type SessionSettings } from "camp-session";
import type { Rates } from "./rate-limit.js";

/** Options that servers of every dialect share. What contradicts itself, lies outside its range or is unknown is refused. */
interface ServerOptions {
  /** TCP port, 0 to 65535; 0 picks a free one, which `server.port` tells. Default 8080. Not together with `server`. */
  readonly port?: number;
  /** Address to listen on, such as `127.0.0.1`. Default: every address. Not together with `server`. */
  readonly host?: string;
  /** Path at which upgrades become sessions; those at other paths are left to other listeners. Default: every path. */
  readonly path?: string;
  /** An HTTP server to share. It is neither opened nor closed here, and its errors stay its owner's. */
  readonly server?: Server;
  /** Speaks TLS: `key` and `cert`, or `pfx`, and whatever else `node:https` takes. Not together with `server`. */
  readonly ssl?: TlsOptions;
  /** Origins such as `https://example.com` whose pages may connect. Others get 403; clients without an origin connect. */
  readonly origins?: readonly string[];

  /**
   * How many proxies stand in front of this server, each of which appends to `X-Forwarded-For` whom it serves. Then
   * `remoteAddress` is the address that the outermost of them saw. Default 0: the header is not believed.
   */
  readonly trustProxy?: number;

  /** Milliseconds in which a request must arrive as a whole; then its connection is closed. Not together with `server`. Default 10 000. */
  readonly upgradeTimeoutMs?: number;
  /** Milliseconds for the validator; then the answer is 500. Default 10 000. */
  readonly validateTimeoutMs?: number;
  /** Upgrades that may wait for the validator at a time; more get 503. Default 1024. */
  readonly maxPendingUpgrades?: number;
  /** Sessions at a time; more get 503. Default 100 000. */
  readonly maxSessions?: number;
  /**
   * Connections from one address at a time (for IPv6 from one /64), those that wait for the validator included; more get 429.
   * Default: 1000 for public addresses; private ones, such as that of a proxy, have no limit.
   */
  readonly maxSessionsPerAddress?: number;
  /** Sessions with one token at a time; more get 429. Default: no limit, since an application may have one token for all. */
  readonly maxSessionsPerToken?: number;
  /** Frames that a session may send per second, of whatever kind; bursts of a second's worth pass. Default: no limit. */
  readonly maxMessagesPerSecond?: number;
  /** Bytes that a session may send per second. Default: no limit. */
  readonly maxBytesPerSecond?: number;
  /**
   * A session that sends faster is slowed down by not reading from it. One that does not slow down for so many milliseconds is
   * closed with 4002. Default 30 000.
   */
  readonly overrunTimeoutMs?: number;
  /** Milliseconds without any message or stream after which a session is closed. Default: none; heartbeats keep it. */
  readonly idleTimeoutMs?: number;
  /**
   * Bytes held for the peers of all sessions together. Beyond, each session makes do with less; beyond twice as much the
   * largest is closed with 4002. Default 512 MiB.
   */
  readonly maxBufferedBytes?: number;

  /** Milliseconds between the heartbeats of a session. One that shows no life between two is dead. Default 15 000. */
  readonly keepAliveIntervalMs?: number;
  /** Milliseconds from when a message left until it must be acknowledged. Default 10 000. */
  readonly ackTimeoutMs?: number;
  /** Milliseconds for a peer to introduce itself. Default 5000. */
  readonly handshakeTimeoutMs?: number;
  /** Milliseconds for one hook with one message. Default 10 000. */
  readonly hookTimeoutMs?: number;
  /** Milliseconds for a graceful close as a whole. Default 3000. */
  readonly closeTimeoutMs?: number;
  /** When sending waits, what may wait, and what is dropped beyond. A single mark brings the other along. */
  readonly backpressure?: Partial<Backpressure>;
}

/** What a server of Cryo sessions can be told besides. */
interface CryoOptions {
  /** Whether Cryo sessions are encrypted with CALE. Their clients must want the same. Default false. */
  readonly use_cale?: boolean;
  /**
   * Which counters of a client's records are accepted: each once within a window of 4096 ("window", the default), or only
   * ever greater ones with gaps of at most 32 ("strict"), for clients of this library.
   */
  readonly nonceOrder?: "window" | "strict";
}

/** Options of a Cryo server. */
export interface CryoServerOptions extends ServerOptions, CryoOptions {}

/** The names of the protocols that a server may speak. */
export type DialectName = "camp" | "cryo";

/** Options of a CAMP server. */
export interface CampServerOptions extends ServerOptions {
  /** Milliseconds for which unread streams may hold up their session. Default 10 000. */
  readonly streamStallTimeoutMs?: number;
  /** Streams open at a time, per direction: more of the peer's are cancelled, more of this end's wait. Default 256. */
  readonly maxStreams?: number;
  /**
   * Milliseconds for which a session is kept after its connection was cut, so that its client can resume it. 0: a session
   * ends with its connection. Default 120 000.
   */
  readonly resumeWindowMs?: number;
  /** Sessions that may wait for their clients at a time; one more ends the oldest of them. Default 10 000. */
  readonly maxDisconnectedSessions?: number;
  /** Which clients are admitted, told apart by their upgrade requests. Default `["camp"]`. */
  readonly dialects?: readonly "camp"[];
}

/** Options of a server that admits Cryo clients, next to CAMP clients or alone. */
export interface MixedServerOptions extends Omit<CampServerOptions, "dialects">, CryoOptions {
  readonly dialects: readonly DialectName[];
}

const defaultPort = 8080;

const serverColumns = {
  port: text<number>("a port number from 0 to 65535", isPort),
  host: text<string>("an address or host name", (value) => typeof value === "string" && value !== ""),
  path: text<string>('a path that begins with "/"', (value) => typeof value === "string" && value.startsWith("/")),
  server: object<Server>("an HTTP server", (value) => "on" in value && "listening" in value),
  ssl: object<TlsOptions>(
    "an object with key and cert",
    (value) => ("key" in value && "cert" in value) || "pfx" in value,
  ),
  origins: column<ReadonlySet<string> | undefined>(undefined, toOrigins),
  validateTimeoutMs: milliseconds(10_000),
  maxPendingUpgrades: integer(1024, "upgrades", 1),
  trustProxy: integer(0, "proxies", 0, 16),
  upgradeTimeoutMs: milliseconds(10_000),
  maxSessions: integer(100_000, "sessions", 1),
  maxSessionsPerAddress: optional(integer(1000, "sessions", 1)),
  maxSessionsPerToken: integer(Number.MAX_SAFE_INTEGER, "sessions", 1),
  maxMessagesPerSecond: integer(Number.MAX_SAFE_INTEGER, "messages", 1),
  maxBytesPerSecond: integer(Number.MAX_SAFE_INTEGER, "bytes", 1),
  overrunTimeoutMs: milliseconds(30_000),
  idleTimeoutMs: optional(milliseconds(60_000)),
  maxBufferedBytes: integer(512 * 1024 * 1024, "bytes", 1),
};

const cryoTable = { ...messageColumns(15_000), ...serverColumns, ...caleColumns() };

const campTable = {
  ...sessionColumns(15_000),
  ...serverColumns,
  ...caleColumns(),
  dialects: column<readonly DialectName[]>(["camp"], toDialects),
  maxDisconnectedSessions: integer(10_000, "sessions", 1),
};

/** How long sessions wait for their clients after a cut, and how many. */
export type CheckedResumeOptions = Pick<Resolved<typeof campTable>, "resumeWindowMs" | "maxDisconnectedSessions">;

/** What every server is told, with every default filled in. It can be passed on as `SessionSettings`. */
export type CheckedServerOptions = Resolved<typeof serverColumns> & SessionSettings & { readonly port: number };

/** How Cryo sessions are encrypted, if they are. */
export type CheckedCaleOptions = Resolved<ReturnType<typeof caleColumns>>;

/** @throws {OptionsError} for an option that is unknown, makes no sense, or contradicts another */
export function checkServerOptions(
  given: CampServerOptions | MixedServerOptions | undefined,
): CheckedServerOptions & CheckedCaleOptions & CheckedResumeOptions & { readonly dialects: readonly DialectName[] } {
  const checked = checkOptions(campTable, given);
  for (const name of ["use_cale", "nonceOrder"] as const) {
    if (checked.dialects.includes("cryo") || (given as Partial<MixedServerOptions>)?.[name] === undefined) continue;
    throw new OptionsError(name, 'is for Cryo sessions; add "cryo" to the option "dialects"');
  }
  return withPort(checked);
}

/** @throws {OptionsError} as above */
export function checkCryoServerOptions(
  given: CryoServerOptions | undefined,
): CheckedServerOptions & CheckedCaleOptions {
  return withPort({ ...defaultSettings, ...checkOptions(cryoTable, given) });
}

/** How fast sessions may send, or null if as fast as they are read. */
export function ratesOf(options: CheckedServerOptions): Rates | null {
  const { maxMessagesPerSecond: messagesPerSecond, maxBytesPerSecond: bytesPerSecond, overrunTimeoutMs } = options;
  const unlimited = Number.MAX_SAFE_INTEGER;
  if (messagesPerSecond === unlimited && bytesPerSecond === unlimited) return null;
  return { messagesPerSecond, bytesPerSecond, overrunTimeoutMs };
}

/** Either a server of the user's, or a port. */
function withPort<T extends Resolved<typeof serverColumns>>(checked: T): T & { readonly port: number } {
  if (checked.server !== undefined) {
    for (const name of ["port", "host", "ssl"] as const) {
      if (checked[name] === undefined) continue;
      throw new OptionsError(name, 'cannot be given together with "server", which listens by itself');
    }
  }
  return { ...checked, port: checked.port ?? defaultPort };
}

function toDialects(value: unknown, option: string): readonly DialectName[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new OptionsError(option, `must be an array with "camp", "cryo" or both, not ${describe(value)}`);
  }
  for (const [index, name] of value.entries()) {
    if (name !== "camp" && name !== "cryo") {
      throw new OptionsError(`${option}[${index}]`, `must be "camp" or "cryo", not ${describe(name)}`);
    }
    if (value.indexOf(name) < index) throw new OptionsError(`${option}[${index}]`, "is listed twice");
  }
  return [...value];
}

/** A row whose value is taken as it is; absent stays `undefined`. */
function text<T extends string | number>(what: string, accepts: (value: unknown) => boolean): Column<T | undefined> {
  return column<T | undefined>(undefined, (value, option) => {
    if (accepts(value)) return value as T;
    throw new OptionsError(option, `must be ${what}, not ${describe(value)}`);
  });
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535;
}

/** Origins are compared as browsers write them, so one that no browser would write is a mistake. */
function toOrigins(value: unknown, option: string): ReadonlySet<string> {
  if (!Array.isArray(value)) throw new OptionsError(option, `must be an array of origins, not ${describe(value)}`);
  for (const [index, origin] of value.entries()) {
    if (
      origin === "null" ||
      (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin)
    ) {
      continue;
    }
    throw new OptionsError(`${option}[${index}]`, 'must be an origin like "https://example.com", without a path');
  }
  return new Set(value);
}
