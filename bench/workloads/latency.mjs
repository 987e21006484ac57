import { megabytesPerSecond } from "../lib/bulk.mjs";
import { Pair } from "../lib/pair.mjs";

const everyMs = 5;
const streamBytes = 2 ** 30;

/** Small messages while nothing else, a push or a pull goes on; `from` is the end that sends them. */
function ours(behaviour, from) {
  return async ({ quick, profileTo, file }) =>
    Pair.with({ server: "camp-server", client: "camp-client", profileTo }, async (pair) => {
      await pair.connect();
      const source = behaviour === "pull" ? "path" : "iterable";
      const path = source === "path" ? await file(streamBytes) : undefined;
      const run = async (durationMs) => {
        const streaming =
          behaviour === null
            ? Promise.resolve()
            : pair.server.call("streamFor", {
                ...{ behaviour, source, path, bytes: streamBytes, pieceBytes: 2 ** 16, durationMs },
              });
        const reading = pair.client.call("readUntilStopped");
        const asked = pair[from].call("sendOnSchedule", { everyMs, durationMs });
        await Promise.all([streaming, asked]);
        await pair.client.call("stop");
        return { ...(await reading), ...(await asked) };
      };
      await run(1500);
      return figures(await pair.measure(() => run(quick ? 2000 : 6000)));
    });
}

function bare(pace, from) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server: "ws-server", client: "ws-client", profileTo }, async (pair) => {
      await pair.connect({ echo: false });
      const run = async (durationMs) => {
        const schedule = { everyMs, durationMs };
        const [asked, sent, read] = await Promise.all([
          from === "server" ? pair.server.call("sendOnSchedule", schedule) : null,
          pair.server.call("sendFor", { durationMs, pace }),
          pair.client.call("readAndAsk", from === "client" ? { schedule } : {}),
        ]);
        return { ...read, ...asked, ...sent };
      };
      await run(1500);
      return figures(await pair.measure(() => run(quick ? 2000 : 6000)));
    });
}

function figures({ bytes, seconds, fromStart, fromDue, ...rest }) {
  return { ...rest, ...fromStart, seconds, dueP99: fromDue.p99, rate: megabytesPerSecond(bytes, seconds) };
}

const during = {
  "camp idle, client sends": ours(null, "client"),
  "camp push, client sends": ours("push", "client"),
  "camp push, server sends": ours("push", "server"),
  "camp pull, client sends": ours("pull", "client"),
  "camp pull, server sends": ours("pull", "server"),
};

export const latency = {
  name: "latency",
  title: "A small acknowledged message every 5 ms on a session that is sending bulk",
  rounds: { full: 5, quick: 2 },
  systems: {
    "ws turn per MiB, client sends": bare("turn", "client"),
    "ws turn per MiB, server sends": bare("turn", "server"),
    "ws drain, client sends": bare("drain", "client"),
    ...during,
  },
  metrics: {
    p50: { label: "p50 ms", digits: 2 },
    p99: { label: "p99 ms", digits: 2 },
    p999: { label: "p99.9 ms", digits: 2 },
    max: { label: "max ms", digits: 1 },
    dueP99: { label: "p99 ms from when it was due", digits: 2 },
    rate: { label: "bulk MB/s", digits: 0 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: Object.keys(during).map((of) => ({ metric: "p99", of, atMost: 8 })),
};
