import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { OptionsError } from "camp-runtime";
import { checkClientOptions, checkPeerOptions } from "./client-options.js";

test("without options a client has the defaults of the documents", () => {
  const { timeout, keepAliveIntervalMs, reconnect, query, headers, tls, masking, signal } =
    checkClientOptions(undefined);
  assert.deepEqual(
    { timeout, keepAliveIntervalMs, reconnect, query, headers, tls, masking, signal },
    {
      timeout: 5000,
      keepAliveIntervalMs: 20_000,
      reconnect: { minDelayMs: 500, maxDelayMs: 15_000, maxAttempts: 10 },
      query: {},
      headers: {},
      tls: undefined,
      masking: "auto",
      signal: undefined,
    },
  );
});

test("reconnect may be false, and a single delay brings the other along", () => {
  const reconnect = (given: object | false) => checkClientOptions({ reconnect: given }).reconnect;
  assert.equal(reconnect(false), false);
  assert.deepEqual(reconnect({ maxDelayMs: 100 }), { minDelayMs: 100, maxDelayMs: 100, maxAttempts: 10 });
  assert.deepEqual(reconnect({ minDelayMs: 60_000 }), { minDelayMs: 60_000, maxDelayMs: 60_000, maxAttempts: 10 });
  assert.deepEqual(reconnect({ maxAttempts: 1 }), { minDelayMs: 500, maxDelayMs: 15_000, maxAttempts: 1 });
});

test("what is given to tls is kept, and nothing else appears in it", () => {
  const tls = { ca: "pem", rejectUnauthorized: false };
  assert.deepEqual(checkClientOptions({ tls }).tls, tls);
  assert.deepEqual(Object.keys(checkClientOptions({ tls: {} }).tls ?? {}), []);
});

const refused: [given: object, option: string][] = [
  [{ timeout: 0 }, "timeout"],
  [{ signal: {} }, "signal"],
  [{ masking: "never" }, "masking"],
  [{ query: { a: 1 } }, "query.a"],
  [{ query: "a=1" }, "query"],
  [{ headers: { a: ["1"] } }, "headers.a"],
  [{ headers: { "a b": "1" } }, "headers.a b"],
  [{ headers: { a: "1\r\nb: 2" } }, "headers.a"],
  [{ headers: { "Sec-WebSocket-Protocol": "x" } }, "headers.Sec-WebSocket-Protocol"],
  [{ headers: { upgrade: "x" } }, "headers.upgrade"],
  [{ tls: { rejectUnauthorized: "no" } }, "tls.rejectUnauthorized"],
  [{ tls: { host: "x" } }, "tls.host"],
  [{ tls: true }, "tls"],
  [{ reconnect: true }, "reconnect"],
  [{ reconnect: { minDelayMs: 2, maxDelayMs: 1 } }, "reconnect.minDelayMs"],
  [{ reconnect: { maxAttempts: 0 } }, "reconnect.maxAttempts"],
  [{ reconnect: { attempts: 1 } }, "reconnect.attempts"],
  [{ port: 8080 }, "port"],
];
for (const [given, option] of refused) {
  test(`refuses ${inspect(given, { breakLength: Number.POSITIVE_INFINITY })}`, () => {
    assert.throws(
      () => checkClientOptions(given),
      (error) => error instanceof OptionsError && error.option === option,
    );
  });
}

test("a peer is told how to connect and nothing of what its server decides", () => {
  assert.equal(checkPeerOptions({ timeout: 1 }).timeout, 1);
  assert.throws(() => checkPeerOptions({ reconnect: false } as object), OptionsError);
  assert.throws(() => checkPeerOptions({ ackTimeoutMs: 1 } as object), OptionsError);
});
