// Actions that every server of the benchmark has: what its sessions cost it.

import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { collectGarbage } from "./host-memory.mjs";

/** What the process holds when nothing is left to collect. */
export async function memory() {
  await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapUsed, external, rss };
}

/** How long the event loop was held up within a stretch of time, in milliseconds, and what of that the collector did. */
export async function eventLoopDelay({ durationMs }) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  let longestGcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) longestGcMs = Math.max(longestGcMs, entry.duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  const before = process.cpuUsage();
  histogram.enable();
  await new Promise((done) => setTimeout(done, durationMs));
  histogram.disable();
  const { user, system } = process.cpuUsage(before);
  observer.disconnect();
  const ms = (nanoseconds) => nanoseconds / 1e6;
  return {
    seconds: durationMs / 1000,
    p50: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    p999: ms(histogram.percentile(99.9)),
    max: ms(histogram.max),
    longestGcMs,
    cpuPercent: (user + system) / 10 / durationMs,
  };
}
