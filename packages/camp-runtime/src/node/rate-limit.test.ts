import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimit, type Rates } from "./rate-limit.js";
import { VirtualClocks } from "./virtual-clocks.test.js";

/** A rate limit in front of a session that only notes what it is told. */
function setUp(rates: Partial<Rates>) {
  const log: string[] = [];
  const clocks = new VirtualClocks();
  const session = {
    received: (bytes: Uint8Array) => void log.push(`received ${bytes.byteLength}`),
    receivedText: () => void log.push("text"),
    writable: () => void log.push("writable"),
    tick: () => void log.push("tick"),
    closed: (code: number) => void log.push(`closed ${code}`),
    holdReading: () => log.push("hold") > 0,
    readOn: () => void log.push("read on"),
    fail: (code: number, reason: string) => void log.push(`fail ${code} ${reason}`),
  };
  const unlimited = Number.MAX_SAFE_INTEGER;
  const all = { messagesPerSecond: unlimited, bytesPerSecond: unlimited, overrunTimeoutMs: 30_000, ...rates };
  return { limit: new RateLimit(session, all, clocks), clocks, taken: () => log.splice(0) };
}

const bytes = (length: number) => new Uint8Array(length);

test("a second's worth passes unhindered, what is beyond is delivered but holds up reading until it is paid for", () => {
  const { limit, clocks, taken } = setUp({ messagesPerSecond: 10 });
  for (let sent = 0; sent < 10; sent++) limit.received(bytes(1));
  assert.deepEqual(taken(), Array(10).fill("received 1"));
  limit.received(bytes(1));
  assert.deepEqual(taken(), ["hold", "received 1"]);
  limit.received(bytes(1)); // was read from the socket already
  assert.deepEqual(taken(), ["received 1"]);
  clocks.pass(99);
  assert.deepEqual(taken(), []);
  clocks.pass(1);
  assert.deepEqual(taken(), ["read on"]);
});

test("bytes have a bucket of their own", () => {
  const { limit, clocks, taken } = setUp({ bytesPerSecond: 1000 });
  limit.received(bytes(1000));
  assert.deepEqual(taken(), ["received 1000"]);
  limit.received(bytes(500));
  assert.deepEqual(taken(), ["hold", "received 500"]);
  clocks.pass(500);
  assert.deepEqual(taken(), ["read on"]);
});

test("a peer that never lets its bucket fill up is ended once the time for that is over", () => {
  const { limit, clocks, taken } = setUp({ messagesPerSecond: 10, overrunTimeoutMs: 1000 });
  for (let sent = 0; sent < 11; sent++) limit.received(bytes(1));
  for (let passed = 0; passed < 1000; passed += 100) {
    clocks.pass(100);
    limit.received(bytes(1));
  }
  assert.equal(
    taken().find((line) => line.startsWith("fail")),
    "fail 4002 sends faster than it may",
  );
});

test("one that falls silent between its bursts is not", () => {
  const { limit, clocks, taken } = setUp({ messagesPerSecond: 10, overrunTimeoutMs: 1000 });
  for (let burst = 0; burst < 5; burst++) {
    for (let sent = 0; sent < 15; sent++) limit.received(bytes(1));
    clocks.pass(2000);
  }
  assert.deepEqual(
    taken().filter((line) => line.startsWith("fail")),
    [],
  );
});

test("everything else passes through, and nothing is left waiting after the end", () => {
  const { limit, clocks, taken } = setUp({ messagesPerSecond: 1 });
  limit.receivedText();
  limit.writable();
  limit.tick();
  limit.received(bytes(1));
  limit.closed(1006, "");
  assert.equal(clocks.pending, 0);
  assert.deepEqual(taken(), ["text", "writable", "tick", "hold", "received 1", "closed 1006"]);
});
