import type { Time } from "./network/index.js";

/** What a socket takes its time from: the global timers, or a fake of them such as a `VirtualTime`. */
export interface MockClock {
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: never): void;
  /** Milliseconds. */
  now(): number;
}

/** The timers of the platform. They are looked up when they are used, so that a test runner's fake timers count. */
export const platformClock: MockClock = {
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => Date.now(),
};

/** A clock as the simulated network takes it. */
export function timeOf(clock: MockClock): Time {
  return {
    now: () => clock.now(),
    after(delayMs, run) {
      const timer = clock.setTimeout(run, delayMs);
      return () => clock.clearTimeout(timer as never);
    },
  };
}
