import { chunkBytes, megabytesPerSecond } from "../lib/bulk.mjs";
import { Pair } from "../lib/pair.mjs";

const gib = 2 ** 30;
const warmUpBytes = 2 ** 28;
const paced = "ws, turn per MiB";
const drained = "ws, drain";

/** Streams of ours, so many side by side, which have as many bytes together as the others send in one. */
function ours({ from, behaviour, source, read = "read", count = 1 }) {
  const to = from === "server" ? "client" : "server";
  return async ({ quick, profileTo, file }) =>
    Pair.with({ server: "camp-server", client: "camp-client", profileTo }, async (pair) => {
      await pair.connect();
      const bytes = quick ? gib / 2 : gib;
      const path = source === "path" ? await file(gib) : undefined;
      if (source === "buffer") await pair[from].call("prepareBuffer", { bytes });
      const run = async (bytes) => {
        const stream = { behaviour, source, pieceBytes: chunkBytes, path, count, bytes: bytes / count };
        const [result] = await Promise.all([
          pair[to].call(read, { count, bytes: bytes / count }),
          pair[from].call("stream", stream),
        ]);
        return result;
      };
      // A file is streamed as a whole, whatever size is asked for.
      const wholeBytes = source === "path" ? gib : bytes;
      await run(source === "path" ? gib : warmUpBytes);
      return figures(wholeBytes, await pair.measure(() => run(wholeBytes)));
    });
}

function bare(from, pace, env) {
  const to = from === "server" ? "client" : "server";
  return async ({ quick, profileTo }) =>
    Pair.with({ server: "ws-server", client: "ws-client", profileTo, env }, async (pair) => {
      await pair.connect({ role: "bulk" }, { role: "bulk" });
      const run = async (bytes) => {
        const [result] = await Promise.all([
          pair[to].call("read", { bytes }),
          pair[from].call("send", { bytes, pace }),
        ]);
        return result;
      };
      await run(warmUpBytes);
      const bytes = quick ? gib / 2 : gib;
      return figures(bytes, await pair.measure(() => run(bytes)));
    });
}

/** Protocols made for nothing else. */
function only(name, action) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server: `${name}-server`, client: `${name}-client`, profileTo }, async (pair) => {
      await pair.connect();
      await pair.client.call(action, { bytes: warmUpBytes });
      const bytes = quick ? gib / 2 : gib;
      return figures(bytes, await pair.measure(() => pair.client.call(action, { bytes })));
    });
}

function figures(bytes, result) {
  const { seconds, serverCpuSeconds, clientCpuSeconds } = result;
  return {
    ...result,
    rate: megabytesPerSecond(bytes, seconds),
    serverPerGb: (serverCpuSeconds * 1e9) / bytes,
    clientPerGb: (clientCpuSeconds * 1e9) / bytes,
  };
}

const metrics = {
  rate: { label: "MB/s", digits: 0, chart: "bars" },
  serverPerGb: { label: "server CPU s/GB", digits: 2 },
  clientPerGb: { label: "client CPU s/GB", digits: 2 },
  serverGrowthMib: { label: "server grew by MiB", digits: 1 },
  clientGrowthMib: { label: "client grew by MiB", digits: 1 },
  othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
};

function goalsFor(systems, over, atLeast) {
  return Object.keys(systems).flatMap((of) => [
    { metric: "rate", of, over, atLeast },
    { metric: "serverGrowthMib", of, atMost: 32 },
    { metric: "clientGrowthMib", of, atMost: 32 },
  ]);
}

const down = {
  "camp push, iterable": ours({ from: "server", behaviour: "push", source: "iterable" }),
  "camp push, 8 streams": ours({ from: "server", behaviour: "push", source: "iterable", count: 8 }),
  "camp push, file": ours({ from: "server", behaviour: "push", source: "path" }),
  "camp pull, Buffer": ours({ from: "server", behaviour: "pull", source: "buffer" }),
  "camp pull, 8 streams": ours({ from: "server", behaviour: "pull", source: "buffer", count: 8 }),
  "camp pull, file": ours({ from: "server", behaviour: "pull", source: "path" }),
  "camp pull, ranges by hand": ours({ from: "server", behaviour: "pull", source: "buffer", read: "readByHand" }),
};

const up = {
  "camp push, iterable": ours({ from: "client", behaviour: "push", source: "iterable" }),
  "camp push, 8 streams": ours({ from: "client", behaviour: "push", source: "iterable", count: 8 }),
  "camp pull, Buffer": ours({ from: "client", behaviour: "pull", source: "buffer" }),
};

export const bulk = [
  {
    name: "bulk-download",
    title: "1 GiB from server to client",
    rounds: { full: 4, quick: 3 },
    systems: {
      "node:net": only("net", "download"),
      "node:http": only("http", "download"),
      [paced]: bare("server", "turn"),
      [drained]: bare("server", "drain"),
      "ws, turn, each chunk copied": bare("server", "copy"),
      ...down,
    },
    metrics,
    goals: goalsFor(down, [drained], 0.85),
  },
  {
    name: "bulk-upload",
    title: "1 GiB from client to server",
    rounds: { full: 4, quick: 3 },
    systems: {
      "node:net": only("net", "upload"),
      "node:http": only("http", "upload"),
      [paced]: bare("client", "turn"),
      [drained]: bare("client", "drain"),
      "ws, drain, bufferutil": bare("client", "drain", { WS_NO_BUFFER_UTIL: "" }),
      ...up,
    },
    metrics,
    goals: goalsFor(up, [drained], 3),
  },
];
