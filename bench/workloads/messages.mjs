import { Pair } from "../lib/pair.mjs";

/** @param {{server: string, client: string, kind: "binary" | "utf8"}} of */
function system({ server, client, kind }) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server, client, profileTo }, async (pair) => {
      await pair.connect();
      const run = (durationMs) => pair.client.call("messages", { kind, size: 256, durationMs });
      await run(quick ? 500 : 1500);
      const result = await pair.measure(() => run(quick ? 800 : 2500));
      const perMessage = 1e6 / result.messages;
      return {
        ...result,
        serverMicros: result.serverCpuSeconds * perMessage,
        clientMicros: result.clientCpuSeconds * perMessage,
      };
    });
}

export const messages = {
  name: "messages",
  title: "Acknowledged messages of 64 bytes, one connection, 256 in flight",
  rounds: { full: 7, quick: 3 },
  systems: {
    "ws echo": system({ server: "ws-server", client: "ws-client", kind: "binary" }),
    "camp binary": system({ server: "camp-server", client: "camp-client", kind: "binary" }),
    "ws echo, text": system({ server: "ws-server", client: "ws-client", kind: "utf8" }),
    "camp utf8": system({ server: "camp-server", client: "camp-client", kind: "utf8" }),
    "ws + number + ack, corked": system({ server: "ws-acked-server", client: "ws-acked-client", kind: "binary" }),
  },
  metrics: {
    rate: { label: "messages/s", digits: 0 },
    serverMicros: { label: "server CPU µs/msg", digits: 2 },
    clientMicros: { label: "client CPU µs/msg", digits: 2 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: [
    { metric: "rate", of: "camp binary", over: ["ws echo"], atLeast: 2 },
    { metric: "rate", of: "camp utf8", over: ["ws echo, text"], atLeast: 2 },
  ],
};
