import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { OptionsError } from "camp-runtime";
import { checkServerOptions } from "./server-options.js";

const server = createServer();

const refused: [options: unknown, option: string][] = [
  [{ prot: 1 }, "prot"],
  [{ port: -1 }, "port"],
  [{ port: 65_536 }, "port"],
  [{ port: 80.5 }, "port"],
  [{ port: "8080" }, "port"],
  [{ port: Number.NaN }, "port"],
  [{ host: "" }, "host"],
  [{ host: 1 }, "host"],
  [{ path: "camp" }, "path"],
  [{ server: {} }, "server"],
  [{ server, port: 1 }, "port"],
  [{ server, host: "127.0.0.1" }, "host"],
  [{ server, ssl: { key: "", cert: "" } }, "ssl"],
  [{ ssl: {} }, "ssl"],
  [{ ssl: { key: "k" } }, "ssl"],
  [{ ssl: true }, "ssl"],
  [{ origins: "https://example.com" }, "origins"],
  [{ origins: ["https://example.com/"] }, "origins[0]"],
  [{ origins: ["https://example.com", "example.com"] }, "origins[1]"],
  [{ origins: [null] }, "origins[0]"],
  [{ keepAliveIntervalMs: 0 }, "keepAliveIntervalMs"],
  [{ keepAliveIntervalMs: Number.POSITIVE_INFINITY }, "keepAliveIntervalMs"],
  [{ validateTimeoutMs: -1 }, "validateTimeoutMs"],
  [{ maxPendingUpgrades: 0 }, "maxPendingUpgrades"],
  [{ maxSessions: 0.5 }, "maxSessions"],
  [{ maxBufferedBytes: "1" }, "maxBufferedBytes"],
  [{ backpressure: { lowWaterMark: 2, highWaterMark: 1 } }, "backpressure.lowWaterMark"],
  [{ backpressure: { maxQueueCount: -1 } }, "backpressure.maxQueueCount"],
  [{ backpressure: { dropPolicy: "drop-all" } }, "backpressure.dropPolicy"],
  [{ backpressure: { high: 1 } }, "backpressure.high"],
  [{ dialects: [] }, "dialects"],
  [{ dialects: "camp" }, "dialects"],
  [{ dialects: ["camp", "other"] }, "dialects[1]"],
  [{ dialects: ["cryo", "cryo"] }, "dialects[1]"],
  [{ use_cale: true }, "use_cale"],
  [{ use_cale: false, dialects: ["camp"] }, "use_cale"],
  [{ nonceOrder: "strict" }, "nonceOrder"],
  [{ nonceOrder: "any", dialects: ["cryo"] }, "nonceOrder"],
  [{ use_cale: 1, dialects: ["cryo"] }, "use_cale"],
];

describe("options of a server", () => {
  for (const [options, option] of refused) {
    test(`${JSON.stringify(options, (_, value) => (value === server ? "a server" : value))} is refused`, () => {
      assert.throws(
        () => checkServerOptions(options as never),
        (error) => error instanceof OptionsError && error.code === "BAD_OPTION" && error.option === option,
      );
    });
  }

  test("have the documented defaults", () => {
    assert.deepEqual(checkServerOptions(undefined), {
      keepAliveIntervalMs: 15_000,
      ackTimeoutMs: 10_000,
      handshakeTimeoutMs: 5_000,
      hookTimeoutMs: 10_000,
      closeTimeoutMs: 3_000,
      streamStallTimeoutMs: 10_000,
      maxStreams: 256,
      backpressure: {
        highWaterMark: 16 * 1024 * 1024,
        lowWaterMark: 1024 * 1024,
        maxQueuedBytes: 8 * 1024 * 1024,
        maxQueueCount: 1024,
        dropPolicy: "drop-oldest",
      },
      port: 8080,
      host: undefined,
      path: undefined,
      server: undefined,
      ssl: undefined,
      origins: undefined,
      validateTimeoutMs: 10_000,
      maxPendingUpgrades: 1024,
      trustProxy: 0,
      upgradeTimeoutMs: 10_000,
      maxSessions: 100_000,
      maxSessionsPerAddress: undefined,
      maxSessionsPerToken: Number.MAX_SAFE_INTEGER,
      maxMessagesPerSecond: Number.MAX_SAFE_INTEGER,
      maxBytesPerSecond: Number.MAX_SAFE_INTEGER,
      overrunTimeoutMs: 30_000,
      idleTimeoutMs: undefined,
      dialects: ["camp"],
      use_cale: false,
      nonceOrder: "window",
      maxBufferedBytes: 512 * 1024 * 1024,
      maxDisconnectedSessions: 10_000,
      resumeWindowMs: 120_000,
    });
  });

  test("are taken as given", () => {
    const { port, origins, backpressure } = checkServerOptions({
      port: 0,
      origins: ["https://example.com", "http://localhost:3000", "null"],
      backpressure: { highWaterMark: 1000 },
    });
    assert.equal(port, 0);
    assert.deepEqual(origins, new Set(["https://example.com", "http://localhost:3000", "null"]));
    assert.equal(backpressure.lowWaterMark, 250);
  });
});
