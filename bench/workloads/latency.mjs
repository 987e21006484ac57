import { megabytesPerSecond } from "../lib/bulk.mjs";
import { Pair } from "../lib/pair.mjs";

const everyMs = 5;
const streamBytes = 2 ** 30;
/** Socket.IO has no streams: acknowledged messages of this size, so many in flight, come nearest. */
const socketIoBulk = { bytes: 65_536, size: 16 };

/**
 * Small messages of ours while nothing else, a push or a pull goes on.
 *
 * @param {{behaviour?: "push" | "pull", bulkFrom?: "server" | "client", from: "server" | "client", on?: number}} how `from` is
 * the end that sends the small messages, on the connection with this number; the bulk is on number 0
 */
function ours({ behaviour, bulkFrom = "server", from, on = 0 }) {
  return async ({ quick, profileTo, file }) =>
    Pair.with({ server: "camp-server", client: "camp-client", profileTo }, async (pair) => {
      await pair.connect({}, { connections: on + 1 });
      const source = behaviour === "pull" ? "path" : "iterable";
      const path = source === "path" ? await file(streamBytes) : undefined;
      const bulkTo = bulkFrom === "server" ? "client" : "server";
      const run = async (durationMs) => {
        const bulk = { behaviour, source, path, bytes: streamBytes, pieceBytes: 2 ** 16, durationMs };
        const streaming = behaviour === undefined ? null : pair[bulkFrom].call("streamFor", bulk);
        const reading = pair[bulkTo].call("readUntilStopped");
        const asked = pair[from].call("sendOnSchedule", { everyMs, durationMs, on });
        await Promise.all([streaming, asked]);
        await pair[bulkTo].call("stop");
        return { ...(await reading), ...(await asked) };
      };
      await run(1500);
      return figures(await pair.measure(() => run(quick ? 2000 : 5000)));
    });
}

function bare({ pace, bulkFrom = "server", from, on = 0 }) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server: "ws-server", client: "ws-client", profileTo }, async (pair) => {
      await pair.connect({ role: "bulk" }, { role: "bulk", connections: on + 1 });
      const bulkTo = bulkFrom === "server" ? "client" : "server";
      const run = async (durationMs) => {
        const [asked, , read] = await Promise.all([
          pair[from].call("sendOnSchedule", { everyMs, durationMs, on }),
          pace === undefined ? null : pair[bulkFrom].call("sendFor", { durationMs, pace }),
          pace === undefined ? { bytes: 0, seconds: 1 } : pair[bulkTo].call("read"),
        ]);
        return { ...read, ...asked };
      };
      await run(1500);
      return figures(await pair.measure(() => run(quick ? 2000 : 5000)));
    });
}

async function socketIo({ quick, profileTo }) {
  return Pair.with({ server: "socketio-server", client: "socketio-client", profileTo }, async (pair) => {
    await pair.connect();
    const run = async (durationMs) => {
      await pair.client.call("takeBulk");
      const begin = performance.now();
      const [asked] = await Promise.all([
        pair.client.call("sendOnSchedule", { everyMs, durationMs }),
        pair.server.call("sendFor", { ...socketIoBulk, durationMs }),
      ]);
      const seconds = (performance.now() - begin) / 1000;
      return { ...(await pair.client.call("takeBulk")), ...asked, seconds };
    };
    await run(1500);
    return figures(await pair.measure(() => run(quick ? 2000 : 5000)));
  });
}

function figures({ bytes, seconds, fromStart, fromDue, ...rest }) {
  return { ...rest, ...fromStart, seconds, dueP99: fromDue.p99, rate: megabytesPerSecond(bytes, seconds) };
}

const during = {
  "camp push down, client sends": ours({ behaviour: "push", from: "client" }),
  "camp push down, server sends": ours({ behaviour: "push", from: "server" }),
  "camp pull down, client sends": ours({ behaviour: "pull", from: "client" }),
  "camp pull down, server sends": ours({ behaviour: "pull", from: "server" }),
  "camp push up, client sends": ours({ behaviour: "push", bulkFrom: "client", from: "client" }),
  "camp push up, server sends": ours({ behaviour: "push", bulkFrom: "client", from: "server" }),
  "camp push down, other connection": ours({ behaviour: "push", from: "client", on: 1 }),
};

export const latency = {
  name: "latency",
  title: "A small acknowledged message every 5 ms on a session that is sending bulk",
  about: "A message of 64 B, from when it was sent until it was acknowledged.",
  rounds: { full: 3, quick: 2 },
  systems: {
    "ws idle": bare({ from: "client" }),
    "ws turn per MiB down, client sends": bare({ pace: "turn", from: "client" }),
    "ws turn per MiB down, server sends": bare({ pace: "turn", from: "server" }),
    "ws turn per MiB up, client sends": bare({ pace: "turn", bulkFrom: "client", from: "client" }),
    "ws turn per MiB down, other connection": bare({ pace: "turn", from: "client", on: 1 }),
    "ws drain down, client sends": bare({ pace: "drain", from: "client" }),
    "socket.io down, client sends": socketIo,
    "camp idle": ours({ from: "client" }),
    ...during,
  },
  metrics: {
    p50: { label: "p50 ms", digits: 2, chart: "percentile" },
    p99: { label: "p99 ms", digits: 2, chart: "percentile" },
    p999: { label: "p99.9 ms", digits: 2, chart: "percentile" },
    max: { label: "max ms", digits: 1 },
    dueP99: { label: "p99 ms from when it was due", digits: 2 },
    rate: { label: "bulk MB/s", digits: 0 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: Object.keys(during).flatMap((of) => [
    { metric: "p99", of, atMost: 5 },
    { metric: "p50", of, atMost: 1.2 },
  ]),
};
