// In the place of node:assert/strict.

import { assert as chai } from "chai";

type Expected = RegExp | (new (...args: never[]) => Error) | ((error: unknown) => boolean) | Record<string, unknown>;

function assert(value: unknown, message?: string): void {
  chai.isOk(value, message);
}

/** What Node does with the second argument of `throws` and `rejects`. */
function expectError(error: unknown, expected: Expected | undefined): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) chai.match(String(error), expected);
  else if (typeof expected === "object") {
    for (const [key, value] of Object.entries(expected)) {
      const actual = (error as Record<string, unknown>)[key];
      if (value instanceof RegExp) chai.match(String(actual), value);
      else chai.deepEqual(actual, value, key);
    }
  } else if (isErrorClass(expected)) chai.isTrue(error instanceof expected, `${error} is a ${expected.name}`);
  else chai.isTrue(expected(error), "the error is as expected");
}

function isErrorClass(expected: Expected): expected is new (...args: never[]) => Error {
  return expected === Error || (typeof expected === "function" && expected.prototype instanceof Error);
}

const nothing = Symbol("nothing was thrown");

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return nothing;
}

/** Megabytes byte by byte through a general comparison take seconds. */
function areEqualBytes(actual: unknown, expected: unknown): boolean {
  if (!(actual instanceof Uint8Array && expected instanceof Uint8Array)) return false;
  return actual.byteLength === expected.byteLength && actual.every((byte, index) => byte === expected[index]);
}

export default Object.assign(assert, {
  ok: assert,
  equal(actual: unknown, expected: unknown, message?: string): void {
    if (!Object.is(actual, expected)) chai.fail(actual, expected, message ?? "the values are not the same");
  },
  notEqual: (actual: unknown, expected: unknown, message?: string) =>
    chai.isFalse(Object.is(actual, expected), message),
  deepEqual(actual: unknown, expected: unknown, message?: string): void {
    if (!areEqualBytes(actual, expected)) chai.deepEqual(actual, expected, message);
  },
  notDeepEqual: chai.notDeepEqual,
  match: chai.match,
  throws(run: () => unknown, expected?: Expected): void {
    const error = thrownBy(run);
    chai.notEqual(error, nothing);
    expectError(error, expected);
  },
  async rejects(promise: Promise<unknown> | (() => Promise<unknown>), expected?: Expected): Promise<void> {
    const running = typeof promise === "function" ? promise() : promise;
    const error: unknown = await running.then(
      () => nothing,
      (reason: unknown) => reason,
    );
    chai.notEqual(error, nothing);
    expectError(error, expected);
  },
});
