import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "./deadlines.js";
import { VirtualTime } from "./virtual-time.test.js";

function setUp() {
  const time = new VirtualTime();
  const deadlines = new Deadlines(time);
  const ticks: string[] = [];
  const clock = (name: string) => deadlines.clockFor(() => ticks.push(name));
  return { time, deadlines, ticks, clock };
}

test("a tick comes at the time asked for", async () => {
  const { time, ticks, clock } = setUp();
  clock("a").wakeAt(100);
  await time.pass(99);
  assert.deepEqual(ticks, []);
  await time.pass(1);
  assert.deepEqual(ticks, ["a"]);
  await time.pass(1000);
  assert.deepEqual(ticks, ["a"]);
});

test("a new deadline replaces the one before, whether it is earlier, later or never", async () => {
  const { time, ticks, clock } = setUp();
  const [earlier, later, never] = [clock("earlier"), clock("later"), clock("never")];
  for (const each of [earlier, later, never]) each.wakeAt(100);
  earlier.wakeAt(50);
  later.wakeAt(150);
  never.wakeAt(Number.POSITIVE_INFINITY);
  await time.pass(50);
  assert.deepEqual(ticks, ["earlier"]);
  await time.pass(99);
  assert.deepEqual(ticks, ["earlier"]);
  await time.pass(1);
  assert.deepEqual(ticks, ["earlier", "later"]);
});

test("many sessions share one timer and tick in the order of their deadlines", async () => {
  const { time, deadlines } = setUp();
  const seen: number[] = [];
  const asked: number[] = [];
  let seed = 1;
  for (let i = 0; i < 500; i++) {
    seed = (seed * 48_271) % 2_147_483_647;
    const atMs = 1 + (seed % 300);
    const clock = deadlines.clockFor(() => seen.push(atMs));
    clock.wakeAt(seed % 1000);
    clock.wakeAt(atMs);
    if (seed % 5 === 0) clock.dispose();
    else asked.push(atMs);
  }
  assert.equal(time.pendingTimers, 1);
  await time.pass(300);
  assert.deepEqual(
    seen,
    asked.sort((a, b) => a - b),
  );
  await time.pass(1000);
  assert.equal(time.pendingTimers, 0);
});

test("a deadline that has passed is served in a later turn, not inside wakeAt", () => {
  const { time, ticks, clock } = setUp();
  time.spend(10);
  clock("past").wakeAt(3);
  clock("now").wakeAt(10);
  assert.deepEqual(ticks, []);
  time.turn();
  assert.deepEqual(ticks, ["past", "now"]);
});

test("who asks for now in a tick gets it in the next turn, after all others", () => {
  const { time, deadlines, ticks, clock } = setUp();
  const greedy = deadlines.clockFor(() => {
    ticks.push("greedy");
    greedy.wakeAt(0);
  });
  greedy.wakeAt(0);
  clock("other").wakeAt(0);
  time.turn();
  assert.deepEqual(ticks, ["greedy", "other"]);
  time.turn();
  assert.deepEqual(ticks, ["greedy", "other", "greedy"]);
});

test("a round of ticks yields to the event loop after four milliseconds", () => {
  const { time, deadlines } = setUp();
  let ticks = 0;
  for (let i = 0; i < 10; i++) {
    deadlines
      .clockFor(() => {
        ticks += 1;
        time.spend(1.5);
      })
      .wakeAt(0);
  }
  const perTurn = Array.from({ length: 4 }, () => {
    const before = ticks;
    time.turn();
    return ticks - before;
  });
  assert.deepEqual(perTurn, [3, 3, 3, 1]);
});

test("a tick may dispose of another session that is due as well", () => {
  const { time, deadlines, ticks, clock } = setUp();
  deadlines
    .clockFor(() => {
      ticks.push("first");
      second.dispose();
    })
    .wakeAt(0);
  const second = clock("second");
  second.wakeAt(0);
  time.turn();
  time.turn();
  assert.deepEqual(ticks, ["first"]);
});

test("a disposed clock asks for nothing, and with the last one the timer goes", () => {
  const { time, clock } = setUp();
  const only = clock("only");
  only.wakeAt(100);
  assert.equal(time.pendingTimers, 1);
  only.dispose();
  only.wakeAt(50);
  assert.equal(time.pendingTimers, 0);
});

test("a tick that throws is reported by the platform and costs the others nothing", () => {
  const { time, deadlines, ticks, clock } = setUp();
  deadlines
    .clockFor(() => {
      throw new Error("listener failed");
    })
    .wakeAt(0);
  clock("other").wakeAt(0);
  assert.throws(() => time.turn(), /listener failed/);
  time.turn();
  assert.deepEqual(ticks, ["other"]);
});

test("a deadline beyond the longest delay of the platform is reached in several steps", async () => {
  const { time, ticks, clock } = setUp();
  clock("far").wakeAt(2 ** 32);
  await time.pass(2 ** 32 - 1);
  assert.deepEqual(ticks, []);
  await time.pass(1);
  assert.deepEqual(ticks, ["far"]);
});

test("a deadline that is put off with every message does not set the timer anew each time", () => {
  const { time, clock } = setUp();
  let timersSet = 0;
  const setTimeout = time.setTimeout.bind(time);
  time.setTimeout = (callback, delayMs) => {
    timersSet += 1;
    return setTimeout(callback, delayMs);
  };
  const session = clock("session");
  for (let i = 0; i < 1000; i++) session.wakeAt(10_000 + i);
  assert.equal(timersSet, 1);
});
