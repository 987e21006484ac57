import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "./backoff.js";

const policy = { minDelayMs: 500, maxDelayMs: 4000, maxAttempts: 6 };

function delays(backoff: Backoff): (number | null)[] {
  return Array.from({ length: 7 }, () => backoff.next());
}

test("delays double up to the longest, then there are no more", () => {
  assert.deepEqual(delays(new Backoff(policy, () => 0)), [500, 1000, 2000, 4000, 4000, 4000, null]);
});

test("chance shortens each delay by up to half", () => {
  assert.deepEqual(delays(new Backoff(policy, () => 0.5)), [375, 750, 1500, 3000, 3000, 3000, null]);
  assert.ok(new Backoff(policy, () => 0.999_999).next()! > 250);
});

test("the server's Retry-After is the least to wait, with some chance added, and an hour the most it can ask for", () => {
  assert.equal(new Backoff(policy, () => 0).next(2000), 2000);
  assert.equal(new Backoff(policy, () => 0.5).next(2000), 2250);
  assert.equal(new Backoff(policy, () => 0).next(100), 500);
  assert.equal(new Backoff(policy, () => 0).next(Number.MAX_SAFE_INTEGER), 3_600_000);
});

test("after a reset all begins anew", () => {
  const backoff = new Backoff(policy, () => 0);
  delays(backoff);
  assert.equal(backoff.attempts, 6);
  backoff.reset();
  assert.equal(backoff.attempts, 0);
  assert.equal(backoff.next(), 500);
});

test("delays stay finite however many attempts there are", () => {
  const backoff = new Backoff({ ...policy, maxAttempts: Number.POSITIVE_INFINITY }, () => 0);
  for (let i = 0; i < 2000; i++) backoff.next();
  assert.equal(backoff.next(), 4000);
});
