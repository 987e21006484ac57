import { systemsOf } from "../lib/contenders.mjs";
import { Pair } from "../lib/pair.mjs";

const atOnce = 100;

function system({ server, client, options = {} }) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server, client, profileTo }, async (pair) => {
      const { port } = await pair.server.call("start", { validates: true, ...options });
      const run = (count) => pair.client.call("storm", { port, count, atOnce, ...options });
      await run(quick ? 500 : 1000);
      return pair.measure(() => run(quick ? 1000 : 2000));
    });
}

export const connect = {
  name: "connect",
  title: `A storm of connections, ${atOnce} at a time, with a validator that takes a turn`,
  rounds: { full: 4, quick: 3 },
  systems: systemsOf(["ws echo", "camp", "cryo", "cryo + CALE", "socket.io", "MQTT QoS 1"], system),
  metrics: {
    rate: { label: "sessions/s", digits: 0, chart: "bars" },
    p50: { label: "p50 ms to connected", digits: 1 },
    p99: { label: "p99 ms to connected", digits: 1 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: [{ metric: "rate", of: "camp", over: ["ws echo"], atLeast: 0.8 }],
};
