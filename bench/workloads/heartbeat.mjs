import { Pair } from "../lib/pair.mjs";

const sessions = 10_000;
const never = 3_600_000;

function system({ server, dialect, keepAliveIntervalMs }) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server, client: "bare-clients", profileTo }, async (pair) => {
      const { port } = await pair.server.call("start", { keepAliveIntervalMs });
      await pair.client.call("open", { port, count: sessions, dialect });
      await pair.server.call("memory"); // collects what connecting left
      const before = await pair.client.call("counts");
      const result = await pair.measure(() =>
        pair.server.call("eventLoopDelay", { durationMs: quick ? 6000 : 12_000 }),
      );
      const after = await pair.client.call("counts");
      return { ...result, beats: after.beats - before.beats, dropped: after.closed };
    });
}

const beating = "camp, every 2 s";

export const heartbeat = {
  name: "heartbeat",
  title: `Delay of the server's event loop with ${sessions} sessions`,
  about: "From one look at the event loop to the next, which is due after a millisecond.",
  rounds: { full: 2, quick: 1 },
  systems: {
    "ws, no beats": system({ server: "ws-server", dialect: "ws", keepAliveIntervalMs: never }),
    "ws, all in one loop every 2 s": system({ server: "ws-server", dialect: "ws", keepAliveIntervalMs: 2000 }),
    "camp, no beats": system({ server: "camp-server", dialect: "camp", keepAliveIntervalMs: never }),
    [beating]: system({ server: "camp-server", dialect: "camp", keepAliveIntervalMs: 2000 }),
  },
  metrics: {
    p50: { label: "p50 ms", digits: 2 },
    p99: { label: "p99 ms", digits: 2 },
    p999: { label: "p99.9 ms", digits: 2 },
    max: { label: "max ms", digits: 1 },
    longestGcMs: { label: "longest GC ms", digits: 1 },
    cpuPercent: { label: "server CPU %", digits: 1 },
    beats: { label: "pings", digits: 0 },
    dropped: { label: "dropped", digits: 0 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: [
    { metric: "max", of: beating, atMost: 10 },
    { metric: "dropped", of: beating, atMost: 0 },
  ],
};
