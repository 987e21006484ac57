// The client's end of `socketio-server.mjs`.

import { once } from "node:events";
import { io } from "socket.io-client";
import { Deliveries } from "../lib/fan-out.mjs";
import { latencies } from "../lib/stats.mjs";
import { connectAll, storm as stormOf } from "../lib/storm.mjs";
import { keepInFlight, oneByOne, onSchedule } from "../lib/window.mjs";

let sockets = [];
let deliveries;
let bulkBytes = 0;

/** @param {{port: number, connections?: number}} options */
export async function connect({ port, connections = 1 }) {
  sockets = await connectAll(connections, () => open(port));
  deliveries = new Deliveries(connections, () => sockets[0].emit("complete"));
  for (const socket of sockets) socket.on("delivery", (payload) => deliveries.add(payload));
  sockets[0].on("bulk", (chunk, acknowledge) => {
    bulkBytes += chunk.length;
    acknowledge();
  });
}

async function open(port) {
  const socket = io(`ws://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true, reconnection: false });
  await once(socket, "connect");
  return socket;
}

export function messages({ bytes, size, durationMs }) {
  const text = "x".repeat(bytes);
  return keepInFlight(
    { size, durationMs },
    sockets.map((socket) => () => socket.emitWithAck("message", text)),
  );
}

export async function roundTrips({ bytes, durationMs }) {
  const text = "x".repeat(bytes);
  return latencies(await oneByOne({ durationMs }, () => sockets[0].emitWithAck("message", text)));
}

export async function sendOnSchedule({ on = 0, ...schedule }) {
  const text = "x".repeat(64);
  const { fromStart, fromDue } = await onSchedule(schedule, () => sockets[on].emitWithAck("message", text));
  return { fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
}

/** Bulk that came since the last time somebody asked. */
export function takeBulk() {
  const bytes = bulkBytes;
  bulkBytes = 0;
  return { bytes };
}

export function storm({ port, ...load }) {
  return stormOf(load, () => open(port));
}

export function takeDeliveries() {
  return deliveries.take();
}
