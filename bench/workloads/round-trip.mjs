import { contenders, systemsOf } from "../lib/contenders.mjs";
import { Pair } from "../lib/pair.mjs";

const bytes = 64;

function system({ server, client, options = {} }) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server, client, profileTo }, async (pair) => {
      await pair.connect(options, options);
      const run = (durationMs) => pair.client.call("roundTrips", { bytes, durationMs });
      // One message after the other is too few for the compiler to be done with them in a second or two: it would be what the tail shows.
      await pair.client.call("messages", { kind: "binary", bytes, size: 64, durationMs: quick ? 1500 : 2500 });
      await run(quick ? 700 : 1500);
      return pair.measure(() => run(quick ? 1000 : 3000));
    });
}

export const roundTrip = {
  name: "round-trip",
  title: "Round trip of 64 B with one message in flight",
  rounds: { full: 5, quick: 3 },
  systems: systemsOf(Object.keys(contenders), system),
  metrics: {
    p50: { label: "p50 ms", digits: 3, chart: "percentile" },
    p99: { label: "p99 ms", digits: 3, chart: "percentile" },
    p999: { label: "p99.9 ms", digits: 3, chart: "percentile" },
    max: { label: "max ms", digits: 1 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: [
    { metric: "p50", of: "camp", over: ["ws echo"], atMost: 1.05 },
    { metric: "p99", of: "camp", over: ["ws echo"], atMost: 1.15 },
  ],
};
