import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectError, type ConnectErrorCode } from "./connect-error.js";
import { type ConnectHost, connectWithin, type Open, type Reconnectable, Reconnector } from "./reconnect.js";
import { settled, VirtualTime } from "./virtual-time.test.js";

const refused = new ConnectError("REFUSED", "h:1", "cannot be reached");
const policy = { minDelayMs: 500, maxDelayMs: 4000, maxAttempts: 3 };

interface Connection {
  readonly name: string;
  terminate(): void;
}

/** The times of the attempts, and what each of them brings: a connection, an error, or nothing before it is aborted. */
function setUp(outcome: (attempt: number) => string | Error | "hangs") {
  const time = new VirtualTime();
  const host: ConnectHost = { timers: time, random: () => 0, name: "h:1" };
  const attemptedAt: number[] = [];
  const terminated: string[] = [];
  const open: Open<Connection> = (signal) => {
    attemptedAt.push(time.now());
    const result = outcome(attemptedAt.length);
    if (result instanceof Error) return Promise.reject(result);
    if (result !== "hangs") return Promise.resolve({ name: result, terminate: () => terminated.push(result) });
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  return { time, host, open, attemptedAt, terminated };
}

function hasCode(code: ConnectErrorCode) {
  return (error: unknown) => error instanceof ConnectError && error.code === code;
}

test("the first connect tries again until it succeeds, and leaves no timer behind", async () => {
  const { time, host, open, attemptedAt } = setUp((attempt) => (attempt < 5 ? refused : "connection"));
  const connection = connectWithin(open, 5000, host);
  await time.pass(5000);
  assert.equal((await connection).name, "connection");
  assert.deepEqual(attemptedAt, [0, 50, 150, 350, 750]);
  assert.equal(time.pendingTimers, 0);
});

test("when the timeout ends a row of transient failures, the rejection is the last of them", async () => {
  const { time, host, open, attemptedAt } = setUp((attempt) => new ConnectError("REFUSED", "h:1", `failed ${attempt}`));
  const rejected = assert.rejects(connectWithin(open, 1000, host), /failed 5/);
  await time.pass(1000);
  await rejected;
  assert.deepEqual(attemptedAt, [0, 50, 150, 350, 750]);
  assert.equal(time.pendingTimers, 0);
});

test("a last attempt that hangs does not hide the failure before it", async () => {
  const { time, host, open } = setUp((attempt) => (attempt === 1 ? refused : "hangs"));
  const rejected = assert.rejects(connectWithin(open, 1000, host), (error) => error === refused);
  await time.pass(1000);
  await rejected;
});

test("a first attempt that hangs ends with TIMEOUT", async () => {
  const { time, host, open } = setUp(() => "hangs");
  const rejected = assert.rejects(connectWithin(open, 1000, host), hasCode("TIMEOUT"));
  await time.pass(1000);
  await rejected;
  assert.equal(time.pendingTimers, 0);
});

for (const status of [400, 401, 403, 409]) {
  test(`${status} is final for the first connect`, async () => {
    const { host, open, attemptedAt } = setUp(() => ConnectError.fromStatus("h:1", status));
    await assert.rejects(connectWithin(open, 1000, host), (error) => (error as ConnectError).status === status);
    assert.equal(attemptedAt.length, 1);
  });
}

test("Retry-After is honoured, and ends the attempts where it leaves no time for another", async () => {
  const { time, host, open, attemptedAt } = setUp((attempt) =>
    attempt === 1 ? ConnectError.fromStatus("h:1", 503, { retryAfterMs: 800 }) : "connection",
  );
  const connection = connectWithin(open, 1000, host);
  await time.pass(1000);
  await connection;
  assert.deepEqual(attemptedAt, [0, 800]);
  const again = setUp(() => ConnectError.fromStatus("h:1", 503, { retryAfterMs: 2000 }));
  await assert.rejects(connectWithin(again.open, 1000, again.host), hasCode("UNAVAILABLE"));
  assert.equal(again.time.now(), 0);
});

test("abort ends an attempt, a delay, or what has not begun", async () => {
  for (const [outcome, abortAtMs, attempts] of [
    ["hangs", 10, 1],
    [refused, 40, 1],
    [refused, 0, 0],
  ] as const) {
    const { time, host, open, attemptedAt } = setUp(() => outcome);
    const controller = new AbortController();
    if (abortAtMs === 0) controller.abort("enough");
    const rejected = assert.rejects(connectWithin(open, 1000, host, controller.signal), (error) => {
      assert.ok(hasCode("ABORTED")(error));
      assert.equal((error as Error).cause, "enough");
      return true;
    });
    await time.pass(abortAtMs);
    controller.abort("enough");
    await rejected;
    assert.equal(attemptedAt.length, attempts);
    assert.equal(time.pendingTimers, 0);
  }
});

test("an error of the caller's own, such as that of a token function, is passed on as it is", async () => {
  const own = new Error("no token today");
  const { host, open } = setUp(() => own);
  await assert.rejects(connectWithin(open, 1000, host), (error) => error === own);
});

function reconnector(outcome: (attempt: number) => string | Error | "hangs") {
  const world = setUp(outcome);
  const log: unknown[] = [];
  const session: Reconnectable<Connection> = {
    open: world.open,
    attach: (connection: Connection) => log.push(connection.name),
    abandon: (code: number, reason: string) => log.push([code, reason]),
  };
  return { ...world, log, reconnector: new Reconnector(session, policy, 1000, world.host) };
}

test("a lost connection is followed by another", async () => {
  const { time, log, attemptedAt, reconnector: it } = reconnector((attempt) => (attempt < 3 ? refused : "new"));
  it.lost(1006, "");
  await time.pass(10_000);
  assert.deepEqual(attemptedAt, [500, 1500, 3500]);
  assert.deepEqual(log, ["new"]);
  assert.equal(time.pendingTimers, 0);
});

test("after enough attempts the session is abandoned with 1006", async () => {
  const { time, log, attemptedAt, reconnector: it } = reconnector(() => refused);
  it.lost(1012, "restart");
  await time.pass(60_000);
  assert.deepEqual(attemptedAt, [500, 1500, 3500]);
  assert.deepEqual(log, [[1006, "REFUSED, attempt 3 to reconnect"]]);
});

test("an attempt that hangs is given up after its time", async () => {
  const { time, attemptedAt, reconnector: it } = reconnector((attempt) => (attempt === 1 ? "hangs" : "new"));
  it.lost(1006, "");
  await time.pass(10_000);
  assert.deepEqual(attemptedAt, [500, 2500]);
});

test("a server that accepts and closes is not hammered: only a connection that held starts the count anew", async () => {
  const { time, log, attemptedAt, reconnector: it } = reconnector((attempt) => `${attempt}`);
  for (let i = 0; i < 4; i++) {
    it.lost(1013, "overloaded");
    await time.pass(9_999);
    it.established();
  }
  assert.deepEqual(log, ["1", "2", "3", [1013, "overloaded"]]);
  assert.equal(attemptedAt.length, 3);
});

test("ten seconds after the introduction a connection has held", async () => {
  const { time, log, reconnector: it } = reconnector((attempt) => `${attempt}`);
  for (let i = 0; i < 5; i++) {
    it.lost(1006, "");
    await time.pass(5000);
    it.established();
    await time.pass(10_000);
  }
  assert.deepEqual(log, ["1", "2", "3", "4", "5"]);
});

test("409 is transient while reconnecting and its Retry-After is honoured", async () => {
  const {
    time,
    log,
    attemptedAt,
    reconnector: it,
  } = reconnector((attempt) => (attempt === 1 ? ConnectError.fromStatus("h:1", 409, { retryAfterMs: 2000 }) : "new"));
  it.lost(1006, "");
  await time.pass(10_000);
  assert.deepEqual(attemptedAt, [500, 2500]);
  assert.deepEqual(log, ["new"]);
});

for (const status of [400, 401, 403]) {
  test(`${status} while reconnecting gives up at once`, async () => {
    const { time, log, attemptedAt, reconnector: it } = reconnector(() => ConnectError.fromStatus("h:1", status));
    it.lost(4001, "dead");
    await time.pass(60_000);
    assert.equal(attemptedAt.length, 1);
    assert.equal((log[0] as [number, string])[0], 1006);
  });
}

test("a token function that fails may do better at the next attempt", async () => {
  const { time, log, reconnector: it } = reconnector((attempt) => (attempt === 1 ? new Error("no token") : "new"));
  it.lost(1006, "");
  await time.pass(10_000);
  assert.deepEqual(log, ["new"]);
});

test("stopping ends a delay and a running attempt, leaves no timer, and nothing follows", async () => {
  for (const passedMs of [100, 700]) {
    const { time, log, reconnector: it } = reconnector(() => "hangs");
    it.lost(1006, "");
    await time.pass(passedMs);
    it.stop();
    await settled();
    assert.equal(time.pendingTimers, 0);
    await time.pass(60_000);
    assert.deepEqual(log, []);
  }
});

test("a connection that comes about just as the session ends is terminated", async () => {
  const {
    time,
    log,
    terminated,
    reconnector: it,
  } = reconnector(() => {
    it.stop();
    return "late";
  });
  it.lost(1006, "");
  await time.pass(500);
  assert.deepEqual(log, []);
  assert.deepEqual(terminated, ["late"]);
});

test("waking ends the wait for the next attempt and forgets those before", async () => {
  const { time, log, attemptedAt, reconnector: it } = reconnector((attempt) => (attempt < 3 ? refused : "new"));
  it.lost(1006, "");
  await time.pass(600);
  it.wake();
  await time.pass(0);
  assert.deepEqual(attemptedAt, [500, 600]);
  await time.pass(10_000);
  assert.deepEqual(attemptedAt, [500, 600, 1100]);
  assert.deepEqual(log, ["new"]);
  assert.equal(time.pendingTimers, 0);
});

test("while there is no network no attempts are used up: the next one waits until it is woken", async () => {
  const offline = new ConnectError("OFFLINE", "h:1", "was not tried");
  const { time, log, attemptedAt, reconnector: it } = reconnector((attempt) => (attempt < 2 ? offline : "new"));
  it.lost(1006, "");
  await time.pass(3_600_000);
  assert.deepEqual(attemptedAt, [500]);
  it.wake();
  await time.pass(0);
  assert.deepEqual(attemptedAt, [500, 3_600_000]);
  assert.deepEqual(log, ["new"]);
});
