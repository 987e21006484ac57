import { Deadlines, type TimerHost } from "camp-runtime";

/** Node's timers. While one of them runs the process stays alive: for what somebody waits for. */
export const nodeTimers: TimerHost = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** The deadlines of open sessions. It is their sockets that keep the process alive, not the heartbeats. */
export function createDeadlines(): Deadlines {
  return new Deadlines({
    ...nodeTimers,
    setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
    defer: (callback) => setImmediate(callback),
  });
}
