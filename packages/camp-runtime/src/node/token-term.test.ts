import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenTerm } from "./token-term.js";
import type { Grant } from "./validation.js";
import { VirtualClocks } from "./virtual-clocks.test.js";

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The term of a token that ends after `lifeMs`, with a validator that says what the test says. */
function setUp(lifeMs: number) {
  const log: string[] = [];
  const clocks = new VirtualClocks();
  let nowMs = 1_000_000;
  const verdicts = new Map<string, Grant>();
  const term = new TokenTerm(
    { identity: "alice", expiresAtMs: nowMs + lifeMs },
    {
      deadlines: clocks,
      now: () => nowMs,
      judge: async (token) => verdicts.get(token) ?? null,
      expiring: (remainingMs) => log.push(`expiring ${remainingMs}`),
      engine: {
        tellToken: (state, remainingMs) => log.push(`tell ${state} ${remainingMs}`) > 0,
        close: async (reason, code) => void log.push(`close ${code} ${reason}`),
        fail: (code, reason) => void log.push(`fail ${code} ${reason}`),
      },
    },
  );
  return {
    ...{ term, clocks, log },
    pass(ms: number) {
      nowMs += ms;
      clocks.pass(ms);
    },
    allow(token: string, lifeMs: number, identity: unknown = "alice") {
      verdicts.set(token, { identity, expiresAtMs: nowMs + lifeMs });
    },
  };
}

test("the client is told half a minute before the end, and closed at the end", () => {
  const { pass, log } = setUp(100_000);
  pass(69_999);
  assert.deepEqual(log, []);
  pass(1);
  assert.deepEqual(log, ["tell 2 30000", "expiring 30000"]);
  pass(30_000);
  assert.deepEqual(log.slice(2), ["close 4001 the token has expired"]);
});

test("a short life is told of at its half", () => {
  const { pass, log } = setUp(1000);
  pass(500);
  assert.deepEqual(log, ["tell 2 500", "expiring 500"]);
});

test("another token of the same owner prolongs the session", async () => {
  const { term, pass, allow, log } = setUp(1000);
  pass(500);
  allow("next", 10_000);
  await term.offered("next");
  pass(4999);
  assert.deepEqual(log.slice(2), ["tell 1 10000"]);
  pass(1);
  assert.deepEqual(log.slice(3), ["tell 2 5000", "expiring 5000"]);
});

for (const [what, identity, lifeMs] of [
  ["of another owner", "mallory", 10_000],
  ["that has ended", "alice", 0],
] as const) {
  test(`a token ${what} is refused, and the session ends when it would have`, async () => {
    const { term, pass, allow, log } = setUp(1000);
    allow("other", lifeMs, identity);
    await term.offered("other");
    assert.deepEqual(log, ["tell 0 1000"]);
    pass(500);
    pass(500);
    assert.equal(log.at(-1), "close 4001 the token has expired");
  });
}

test("tokens offered one after another are answered in that order", async () => {
  const { term, allow, log } = setUp(1000);
  allow("good", 5000);
  await Promise.all([term.offered("bad"), term.offered("good"), term.offered("bad")]);
  assert.deepEqual(log, ["tell 0 1000", "tell 1 5000", "tell 0 5000"]);
});

test("a flood of tokens ends the session", async () => {
  const { term, log } = setUp(1000);
  await Promise.all(Array.from({ length: 9 }, () => term.offered("bad")));
  assert.deepEqual(
    log.filter((line) => line.startsWith("fail")),
    ["fail 4001 offers tokens faster than they are judged"],
  );
});

test("after the end of the session nothing is said and nothing is waiting", async () => {
  const { term, clocks, allow, log } = setUp(1000);
  allow("next", 10_000);
  const offered = term.offered("next");
  term.stop();
  await offered;
  await settle();
  assert.equal(clocks.pending, 0);
  assert.deepEqual(log, []);
});
