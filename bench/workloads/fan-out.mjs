import { contenders, systemsOf } from "../lib/contenders.mjs";
import { Pair } from "../lib/pair.mjs";

const connections = 1000;
const plain = "ws echo";
const plainName = "ws loop, unacknowledged";
const sizes = [
  { name: "64b", bytes: 64, text: "64 B", goal: 0.75 },
  { name: "16k", bytes: 16_384, text: "16 KiB", goal: 0.95 },
];

function system({ server, client, options = {} }, bytes) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server, client, profileTo }, async (pair) => {
      // Those that acknowledge by themselves know nothing of roles.
      const role = { role: "fanOut" };
      await pair.connect({ ...options, ...(server === "ws-server" && role) }, { ...options, ...role, connections });
      const run = async (durationMs) => {
        await pair.server.call("fanOut", { bytes, durationMs });
        return pair.client.call("takeDeliveries");
      };
      await run(quick ? 700 : 1500);
      return pair.measure(() => run(quick ? 1000 : 3000));
    });
}

function workload({ name, bytes, text, goal }) {
  const { [plain]: unacknowledged, ...acknowledged } = systemsOf(Object.keys(contenders), (one) => system(one, bytes));
  return {
    name: `fan-out-${name}`,
    title: `One message of ${text} to ${connections} sessions`,
    rounds: { full: 3, quick: 3 },
    systems: { [plainName]: unacknowledged, ...acknowledged },
    metrics: {
      rate: { label: "deliveries/s", digits: 0, chart: "bars" },
      p50: { label: "p50 ms", digits: 1 },
      p99: { label: "p99 ms", digits: 1 },
      othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
    },
    goals: [{ metric: "rate", of: "camp", over: [plainName], atLeast: goal }],
  };
}

export const fanOut = sizes.map(workload);
