import assert from "node:assert/strict";
import { test } from "node:test";
import { CampError } from "camp-session";
import {
  boolean,
  callback,
  checkOptions,
  group,
  integer,
  milliseconds,
  OptionsError,
  object,
  oneOf,
  optional,
} from "./options.js";
import { sessionColumns } from "./session-options.js";

const table = {
  timeout: milliseconds(5000),
  port: integer(8080, "ports", 0, 65_535),
  quiet: boolean(true),
  mode: oneOf("fast", ["fast", "safe"]),
  limit: optional(integer(0, "bytes", 0)),
  log: callback<(line: string) => void>(),
  when: object<Date>("a Date", (value) => value instanceof Date),
  inner: group({ depth: integer(3, "levels", 1, 9) }),
};

test("an option that is absent or undefined has its default", () => {
  const defaults = {
    timeout: 5000,
    port: 8080,
    quiet: true,
    mode: "fast",
    limit: undefined,
    log: undefined,
    when: undefined,
    inner: { depth: 3 },
  };
  assert.deepEqual(checkOptions(table, undefined), defaults);
  assert.deepEqual(checkOptions(table, {}), defaults);
  assert.deepEqual(checkOptions(table, { timeout: undefined, inner: {} }), defaults);
});

test("an option within its range is taken as it is", () => {
  const log = () => undefined;
  const when = new Date(0);
  const given = { timeout: 1, port: 0, quiet: false, mode: "safe", limit: 0, log, when };
  assert.deepEqual(checkOptions(table, { ...given, inner: { depth: 9 } }), { ...given, inner: { depth: 9 } });
});

const refused: [given: unknown, option: string, problem: RegExp][] = [
  [{ timeout: Number.NaN }, "timeout", /whole number of milliseconds from 1 to 2147483647, not NaN$/],
  [{ timeout: Number.POSITIVE_INFINITY }, "timeout", /not Infinity$/],
  [{ timeout: 0 }, "timeout", /not 0$/],
  [{ timeout: -1 }, "timeout", /not -1$/],
  [{ timeout: 1.5 }, "timeout", /not 1.5$/],
  [{ timeout: 2 ** 31 }, "timeout", /not 2147483648$/],
  [{ timeout: "100" }, "timeout", /not a string$/],
  [{ timeout: null }, "timeout", /not null$/],
  [{ timeout: 10n }, "timeout", /not a bigint$/],
  [{ port: 65_536 }, "port", /from 0 to 65535/],
  [{ quiet: 1 }, "quiet", /true or false, not 1$/],
  [{ mode: "secret" }, "mode", /one of fast, safe, not a string$/],
  [{ limit: -1 }, "limit", /at least 0, not -1$/],
  [{ log: {} }, "log", /a function, not an object$/],
  [{ when: {} }, "when", /a Date, not an object$/],
  [{ inner: [] }, "inner", /an object, not an array$/],
  [{ inner: { depth: 10 } }, "inner.depth", /from 1 to 9, not 10$/],
  [{ inner: { deep: 1 } }, "inner.deep", /unknown; known are depth$/],
  [{ tiemout: 1 }, "tiemout", /unknown; known are timeout, port/],
  [{ toString: 1 }, "toString", /unknown/],
  [null, "options", /an object, not null$/],
  ["fast", "options", /an object, not a string$/],
];
for (const [given, option, problem] of refused) {
  test(`refuses ${JSON.stringify(given, (_, value) => (typeof value === "object" ? value : String(value)))}`, () => {
    assert.throws(
      () => checkOptions(table, given),
      (error) => {
        assert.ok(error instanceof OptionsError && error instanceof CampError);
        assert.deepEqual([error.name, error.code, error.option], ["OptionsError", "BAD_OPTION", option]);
        assert.match(error.message, problem);
        return true;
      },
    );
  });
}

test("an error never quotes a text, which may be a secret", () => {
  assert.throws(
    () => checkOptions({ token: oneOf("a", ["a"]) }, { token: "hunter2" }),
    (error) => error instanceof Error && !error.message.includes("hunter2"),
  );
});

test("the session settings have the defaults of the documents", () => {
  assert.deepEqual(checkOptions(sessionColumns(15_000), {}), {
    keepAliveIntervalMs: 15_000,
    ackTimeoutMs: 10_000,
    handshakeTimeoutMs: 5000,
    hookTimeoutMs: 10_000,
    closeTimeoutMs: 3000,
    resumeWindowMs: 120_000,
    streamStallTimeoutMs: 10_000,
    maxStreams: 256,
    backpressure: {
      highWaterMark: 16 * 1024 * 1024,
      lowWaterMark: 1024 * 1024,
      maxQueuedBytes: 8 * 1024 * 1024,
      maxQueueCount: 1024,
      dropPolicy: "drop-oldest",
    },
  });
});

const marks: [given: object, high: number, low: number][] = [
  [{ highWaterMark: 1000 }, 1000, 250],
  [{ highWaterMark: 1 }, 1, 1],
  [{ highWaterMark: 1, lowWaterMark: 0 }, 1, 1],
  [{ highWaterMark: 64 * 1024 * 1024 }, 64 * 1024 * 1024, 1024 * 1024],
  [{ lowWaterMark: 5 }, 16 * 1024 * 1024, 5],
  [{ lowWaterMark: 32 * 1024 * 1024 }, 128 * 1024 * 1024, 32 * 1024 * 1024],
  [{ highWaterMark: 9, lowWaterMark: 8 }, 9, 8],
];
for (const [given, high, low] of marks) {
  test(`the marks ${JSON.stringify(given)} become ${high} and ${low}`, () => {
    const { backpressure } = checkOptions(sessionColumns(15_000), { backpressure: given });
    assert.deepEqual([backpressure.highWaterMark, backpressure.lowWaterMark], [high, low]);
  });
}

for (const backpressure of [
  { highWaterMark: 8, lowWaterMark: 8 },
  { highWaterMark: 8, lowWaterMark: 9 },
  { highWaterMark: 0 },
  { lowWaterMark: -1 },
  { maxQueuedBytes: 0 },
  { maxQueueCount: Number.NaN },
  { dropPolicy: "drop-all" },
]) {
  test(`refuses the backpressure ${JSON.stringify(backpressure)}`, () => {
    assert.throws(() => checkOptions(sessionColumns(15_000), { backpressure }), OptionsError);
  });
}
