import assert from "node:assert/strict";
import { test } from "node:test";
import { PushFlow } from "./flow-control.js";

const mib = 1 << 20;

/** The windows that a reader grants which takes whatever it granted, half a window every `roundMs`. */
function windowsGranted({ roundMs, unreadBytes = 0 }: { roundMs: number; unreadBytes?: number }): number[] {
  const windows: number[] = [];
  let nowMs = 0;
  let granted = 0;
  const grant = (start: bigint, end: bigint) => {
    windows.push(Number(end - start));
    granted = Number(end);
  };
  const flow = new PushFlow(null, grant, () => nowMs);
  flow.taken(0n);
  for (let taken = 0; windows.length < 24; ) {
    nowMs += roundMs;
    const bytes = (granted - taken) / 2;
    assert.equal(flow.check(0n, bytes + (taken === 0 ? unreadBytes : 0)), null);
    taken += bytes;
    flow.taken(BigInt(taken));
  }
  return windows;
}

test("a reader that waits for the network each time doubles its window, up to 4 MiB", () => {
  const windows = windowsGranted({ roundMs: 4 });
  assert.deepEqual(windows.slice(0, 3), [mib, mib, mib]);
  assert.deepEqual(new Set(windows), new Set([mib, 2 * mib, 4 * mib]));
  assert.equal(windows.at(-1), 4 * mib);
});

test("a reader that has half a window in no time stays at 2 MiB", () => {
  const windows = windowsGranted({ roundMs: 3.9 });
  assert.deepEqual(new Set(windows), new Set([mib, 2 * mib]));
  assert.equal(windows.at(-1), 2 * mib);
});

test("a reader that has not taken everything keeps its window", () => {
  assert.deepEqual(new Set(windowsGranted({ roundMs: 100, unreadBytes: 1 })), new Set([mib]));
});
