import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameWindow, windowSpanMax } from "./frame-window.js";
import { OutFrame } from "./out-frame.js";
import { Random } from "./testing/index.js";

const frame = (): OutFrame => new OutFrame(new Uint8Array(0), true, "reject");

test("it agrees with a Map whatever is added and taken", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const window = new FrameWindow();
    const naive = new Map<number, OutFrame>();
    let next = 0;
    for (let step = 0; step < 400; step++) {
      if (random.chance(0.55)) {
        const added = random.chance(0.8) ? frame() : null;
        window.push(added);
        if (added !== null) naive.set(next, added);
        next++;
      } else {
        const number = random.integer(Math.max(0, next - 40), next + 2);
        assert.equal(window.get(number), naive.get(number) ?? null, `seed ${seed} number ${number}`);
        window.delete(number);
        naive.delete(number);
      }
    }
    assert.deepEqual([...window], [...naive.values()], `seed ${seed}`);
  }
});

test("it is full when too many numbers lie between the oldest and the newest frame", () => {
  const window = new FrameWindow();
  window.push(frame());
  for (let number = 1; number < windowSpanMax; number++) window.push(null);
  assert.equal(window.full, true);
  window.delete(0);
  assert.equal(window.full, false);
  assert.deepEqual([...window], []);
});

test("what is drained comes in order, and numbers start from 0 afterwards", () => {
  const window = new FrameWindow();
  const frames = [frame(), frame(), frame()];
  for (const each of frames) window.push(each);
  window.delete(1);
  assert.deepEqual(window.drain(), [frames[0], frames[2]]);
  const first = frame();
  window.push(first);
  assert.equal(window.get(0), first);
  assert.equal(window.get(1), null);
});
