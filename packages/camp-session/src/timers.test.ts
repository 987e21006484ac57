import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualTime } from "./testing/index.js";
import { Timers } from "./timers.js";

function start(): { time: VirtualTime; timers: Timers; wakes: number[] } {
  const time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  const wakes: number[] = [];
  const clock = time.clock(() => timers.tick());
  const timers = new Timers({
    now: () => clock.now(),
    wakeAt: (timeMs) => {
      wakes.push(timeMs);
      clock.wakeAt(timeMs);
    },
  });
  return { time, timers, wakes };
}

test("deadlines come at their time, in order", async () => {
  const { time, timers } = start();
  const log: string[] = [];
  timers.after(20, () => log.push(`b ${time.now()}`));
  timers.after(10, () => log.push(`a ${time.now()}`));
  timers.at(30, () => log.push(`c ${time.now()}`));
  await time.run();
  assert.deepEqual(log, ["a 10", "b 20", "c 30"]);
});

test("a deadline that is due already comes in a later turn", async () => {
  const { time, timers } = start();
  let came = false;
  timers.after(0, () => (came = true));
  assert.equal(came, false);
  await time.run(0);
  assert.equal(came, true);
});

test("a deadline that was called off never comes, also from inside another of the same time", async () => {
  const { time, timers } = start();
  const log: string[] = [];
  const first = timers.after(10, () => log.push("called off"));
  timers.after(20, () => {
    log.push("kept");
    second.cancel();
  });
  const second = timers.after(20, () => log.push("called off by the other"));
  first.cancel();
  await time.run();
  assert.deepEqual(log, ["kept"]);
});

test("the clock is asked again only for an earlier deadline", () => {
  const { timers, wakes } = start();
  timers.after(20, () => {});
  timers.after(30, () => {});
  timers.after(10, () => {});
  assert.deepEqual(wakes, [20, 10]);
});

test("a deadline set from inside another comes", async () => {
  const { time, timers } = start();
  const log: number[] = [];
  const again = (): void => {
    log.push(time.now());
    if (log.length < 3) timers.after(5, again);
  };
  timers.after(5, again);
  await time.run();
  assert.deepEqual(log, [5, 10, 15]);
});

test("a timer is moved while it waits, and asked again after it ran or was called off", async () => {
  const { time, timers } = start();
  const log: number[] = [];
  const timer = timers.idle(() => log.push(time.now()));
  await time.run(5);
  assert.deepEqual(log, []);
  timer.moveTo(20);
  timer.moveTo(10);
  await time.run(30);
  assert.deepEqual(log, [10]);
  timer.moveTo(40);
  timer.cancel();
  timer.moveTo(50);
  await time.run(60);
  assert.deepEqual(log, [10, 50]);
});

test("one that always asks for a time that has passed keeps no other waiting, and has one run a tick", async () => {
  const { time, timers } = start();
  const log: string[] = [];
  const restless = timers.idle(() => {
    log.push("restless");
    if (log.length < 4) restless.moveTo(0);
  });
  await time.run(10);
  restless.moveTo(0);
  timers.at(10, () => log.push("patient"));
  await time.run(10);
  assert.deepEqual(log, ["restless", "patient", "restless", "restless"]);
});

test("one that fails takes no other with it", () => {
  let nowMs = 0;
  const wakes: number[] = [];
  const timers = new Timers({ now: () => nowMs, wakeAt: (timeMs) => wakes.push(timeMs) });
  let came = false;
  timers.at(10, () => {
    throw new Error("on purpose");
  });
  timers.at(10, () => (came = true));
  nowMs = 10;
  assert.throws(() => timers.tick(), /on purpose/);
  assert.deepEqual(wakes, [10, 10]);
  timers.tick();
  assert.equal(came, true);
});

test("after clear nothing comes, also what was due in the same tick", async () => {
  const { time, timers, wakes } = start();
  const log: string[] = [];
  timers.after(10, () => {
    log.push("last");
    timers.clear();
  });
  timers.after(10, () => log.push("same time"));
  timers.after(20, () => log.push("later"));
  await time.run();
  assert.deepEqual(log, ["last"]);
  assert.equal(wakes.at(-1), Number.POSITIVE_INFINITY);
});
