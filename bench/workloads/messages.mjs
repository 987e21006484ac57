import { contenders, systemsOf } from "../lib/contenders.mjs";
import { Pair } from "../lib/pair.mjs";

const shapes = [
  { name: "1", connections: 1, size: 256, text: "one connection, 256 in flight" },
  { name: "100", connections: 100, size: 16, text: "100 connections, 16 in flight on each" },
  { name: "1000", connections: 1000, size: 1, text: "1000 connections, one in flight on each" },
];
const sizes = [
  { name: "64b", bytes: 64, text: "64 B" },
  { name: "1k", bytes: 1024, text: "1 KiB" },
];

/** One run of acknowledged messages on one of the contenders. */
export function messageRun({ server, client, options = {} }, load) {
  return async ({ quick, profileTo }) =>
    Pair.with({ server, client, profileTo }, async (pair) => {
      await pair.connect(options, { connections: load.connections, ...options });
      const run = (durationMs) => pair.client.call("messages", { ...load, durationMs });
      await run(quick ? 700 : 1200);
      const result = await pair.measure(() => run(quick ? 800 : 1500));
      const perMessage = 1e6 / result.messages;
      return {
        ...result,
        serverMicros: result.serverCpuSeconds * perMessage,
        clientMicros: result.clientCpuSeconds * perMessage,
      };
    });
}

function workload(shape, size) {
  const { connections, size: window } = shape;
  const load = { connections, size: window, bytes: size.bytes };
  const texts =
    connections > 1
      ? {}
      : {
          "ws echo, text": messageRun(contenders["ws echo"], { ...load, kind: "utf8" }),
          "camp, text": messageRun(contenders.camp, { ...load, kind: "utf8" }),
        };
  return {
    name: `messages-${size.name}-${shape.name}`,
    title: `Acknowledged messages of ${size.text}: ${shape.text}`,
    // The tables of 64 B have the goals; the others are there to compare with.
    rounds: { full: size.bytes === 64 && connections <= 100 ? 4 : 3, quick: 3 },
    systems: { ...systemsOf(Object.keys(contenders), (contender) => messageRun(contender, load)), ...texts },
    metrics: {
      rate: { label: "messages/s", digits: 0, chart: "bars" },
      serverMicros: { label: "server CPU µs/msg", digits: 2 },
      clientMicros: { label: "client CPU µs/msg", digits: 2 },
      othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
    },
    goals: size.bytes === 64 && connections <= 100 ? ["camp", "cryo"].flatMap(goalsFor) : [],
  };
}

function goalsFor(of) {
  return [
    { metric: "rate", of, over: ["ws echo"], atLeast: 2.5 },
    { metric: "rate", of, over: ["socket.io"], atLeast: 4 },
    { metric: "rate", of, over: ["MQTT QoS 1"], atLeast: 15 },
  ];
}

export const messages = sizes.flatMap((size) => shapes.map((shape) => workload(shape, size)));
