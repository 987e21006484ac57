import { chunkBytes, megabytesPerSecond } from "../lib/bulk.mjs";
import { Pair } from "../lib/pair.mjs";

const gib = 2 ** 30;
const warmUpBytes = 2 ** 28;

function ours(behaviour, source, read = "read") {
  return async ({ quick, profileTo, file }) =>
    Pair.with({ server: "camp-server", client: "camp-client", profileTo }, async (pair) => {
      await pair.connect();
      const bytes = quick ? gib / 2 : gib;
      const path = source === "path" ? await file(gib) : undefined;
      if (source === "buffer") await pair.server.call("prepareBuffer", { bytes });
      const run = async (bytes) => {
        const [result] = await Promise.all([
          pair.client.call(read, { bytes }),
          pair.server.call("stream", { behaviour, source, bytes, pieceBytes: chunkBytes, path }),
        ]);
        return result;
      };
      // A file is streamed as a whole, whatever size is asked for.
      const wholeBytes = source === "path" ? gib : bytes;
      await run(source === "path" ? gib : warmUpBytes);
      return figures(wholeBytes, await pair.measure(() => run(wholeBytes)));
    });
}

function bare(pace) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server: "ws-server", client: "ws-client", profileTo }, async (pair) => {
      await pair.connect({ echo: false });
      const run = async (bytes) => {
        const [read] = await Promise.all([
          pair.client.call("read", { bytes }),
          pair.server.call("send", { bytes, pace }),
        ]);
        return read;
      };
      await run(warmUpBytes);
      const bytes = quick ? gib / 2 : gib;
      return figures(bytes, await pair.measure(() => run(bytes)));
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

const bareSystems = ["ws, turn per MiB", "ws, drain"];
const ourSystems = {
  "camp push, iterable": ours("push", "iterable"),
  "camp push, file": ours("push", "path"),
  "camp pull, Buffer": ours("pull", "buffer"),
  "camp pull, file": ours("pull", "path"),
  "camp pull, ranges by hand": ours("pull", "buffer", "readByHand"),
};

export const bulk = {
  name: "bulk",
  title: "1 GiB from server to client",
  rounds: { full: 7, quick: 3 },
  systems: {
    [bareSystems[0]]: bare("turn"),
    [bareSystems[1]]: bare("drain"),
    "ws, turn, each chunk copied": bare("copy"),
    ...ourSystems,
  },
  metrics: {
    rate: { label: "MB/s", digits: 0 },
    serverPerGb: { label: "server CPU s/GB", digits: 2 },
    clientPerGb: { label: "client CPU s/GB", digits: 2 },
    serverGrowthMib: { label: "server grew by MiB", digits: 1 },
    clientGrowthMib: { label: "client grew by MiB", digits: 1 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: Object.keys(ourSystems).flatMap((of) => [
    { metric: "rate", of, over: bareSystems, atLeast: 0.8 },
    { metric: "serverGrowthMib", of, atMost: 48 },
    { metric: "clientGrowthMib", of, atMost: 48 },
  ]),
};
