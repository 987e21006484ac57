import assert from "node:assert/strict";
import { test } from "node:test";
import { CampError } from "camp-session";
import { ConnectError, type ConnectErrorCode, isTransient } from "./connect-error.js";

const statuses: [status: number, code: ConnectErrorCode][] = [
  [200, "BAD_REQUEST"],
  [302, "BAD_REQUEST"],
  [400, "BAD_REQUEST"],
  [401, "UNAUTHORIZED"],
  [403, "FORBIDDEN"],
  [404, "BAD_REQUEST"],
  [409, "DUPLICATE_SESSION"],
  [426, "BAD_REQUEST"],
  [429, "UNAVAILABLE"],
  [500, "UNAVAILABLE"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
];
for (const [status, code] of statuses) {
  test(`status ${status} is ${code}`, () => {
    const error = ConnectError.fromStatus("h:1", status);
    assert.ok(error instanceof CampError);
    assert.deepEqual([error.name, error.code, error.status], ["ConnectError", code, status]);
    assert.match(error.message, new RegExp(`^h:1 answered with HTTP status ${status}; `));
  });
}

test("a 401 whose body says that the id is in use is a duplicate session", () => {
  const error = ConnectError.fromStatus("h:1", 401, { sessionInUse: true });
  assert.deepEqual([error.code, error.status], ["DUPLICATE_SESSION", 401]);
});

test("Retry-After is kept, and absent where there was none", () => {
  assert.equal(ConnectError.fromStatus("h:1", 503, { retryAfterMs: 2000 }).retryAfterMs, 2000);
  assert.equal(ConnectError.fromStatus("h:1", 503).retryAfterMs, undefined);
});

test("what may succeed next time: an id in use only while reconnecting", () => {
  const transient = (code: ConnectErrorCode, reconnecting: boolean) =>
    isTransient(new ConnectError(code, "h:1", "failed"), reconnecting);
  for (const code of ["REFUSED", "UNAVAILABLE", "TIMEOUT"] as const) {
    assert.ok(transient(code, false) && transient(code, true), code);
  }
  for (const code of ["UNAUTHORIZED", "FORBIDDEN", "BAD_REQUEST", "ABORTED", "TLS", "VERSION", "CALE"] as const) {
    assert.ok(!transient(code, false) && !transient(code, true), code);
  }
  assert.ok(!transient("DUPLICATE_SESSION", false) && transient("DUPLICATE_SESSION", true));
});
