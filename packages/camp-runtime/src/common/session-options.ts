import { type Backpressure, defaultBackpressure, defaultSettings } from "camp-session";
import { boolean, type Column, group, integer, milliseconds, OptionsError, oneOf, optional } from "./options.js";
import { delayMsMax } from "./timers.js";

const dropPolicies = ["drop-oldest", "drop-newest", "dedupe-latest"] as const;

/** When sending waits and what may wait (rules 10). A single mark brings the other along. */
const backpressure: Column<Backpressure> = group(
  {
    highWaterMark: optional(integer(defaultBackpressure.highWaterMark, "bytes", 1)),
    lowWaterMark: optional(integer(defaultBackpressure.lowWaterMark, "bytes", 0)),
    maxQueuedBytes: integer(defaultBackpressure.maxQueuedBytes, "bytes", 1),
    maxQueueCount: integer(defaultBackpressure.maxQueueCount, "messages", 1),
    dropPolicy: oneOf(defaultBackpressure.dropPolicy, dropPolicies),
  },
  ({ highWaterMark, lowWaterMark, ...rest }, option) => {
    const high = highWaterMark ?? Math.max(defaultBackpressure.highWaterMark, 4 * (lowWaterMark ?? 0));
    const low = lowWaterMark ?? Math.min(defaultBackpressure.lowWaterMark, Math.floor(high / 4));
    if (low >= high) {
      throw new OptionsError(`${option}.lowWaterMark`, `must be below highWaterMark, but ${low} is not below ${high}`);
    }
    // Sending goes on below the low mark, and nothing is below 0: an empty buffer must be.
    return { highWaterMark: high, lowWaterMark: Math.max(1, low), ...rest };
  },
);

/**
 * The rows that servers and clients of every dialect share: spread them into a table of your own.
 * @param keepAliveIntervalMs the default of the heartbeat, 15 000 on servers and 20 000 on clients
 */
export function messageColumns(keepAliveIntervalMs: number) {
  return {
    keepAliveIntervalMs: milliseconds(keepAliveIntervalMs),
    ackTimeoutMs: milliseconds(defaultSettings.ackTimeoutMs),
    handshakeTimeoutMs: milliseconds(defaultSettings.handshakeTimeoutMs),
    hookTimeoutMs: milliseconds(defaultSettings.hookTimeoutMs),
    closeTimeoutMs: milliseconds(defaultSettings.closeTimeoutMs),
    backpressure,
  } satisfies Record<string, Column<unknown>>;
}

/** The rows of a dialect with streams. What `checkOptions` makes of them can be passed on as `SessionSettings`. */
export function sessionColumns(keepAliveIntervalMs: number) {
  return {
    ...messageColumns(keepAliveIntervalMs),
    streamStallTimeoutMs: milliseconds(defaultSettings.streamStallTimeoutMs),
    maxStreams: integer(defaultSettings.maxStreams, "streams", 1, 65_536),
    resumeWindowMs: integer(120_000, "milliseconds", 0, delayMsMax),
  };
}

/** What a session that asked for encryption may be told (cryo-v1 section 4). */
export function caleColumns() {
  return {
    use_cale: boolean(false),
    nonceOrder: oneOf("window", ["window", "strict"]),
  } satisfies Record<string, Column<unknown>>;
}
