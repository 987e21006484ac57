// Bare `ws` as one writes it without further thought, the client's end.

import { once } from "node:events";
import { WebSocket } from "ws";
import { someBytes } from "../lib/bulk.mjs";
import { Deliveries } from "../lib/fan-out.mjs";
import { latencies } from "../lib/stats.mjs";
import { connectAll, storm as stormOf } from "../lib/storm.mjs";
import { oneByOne, rateOf } from "../lib/window.mjs";
import { bulkActions, WsEnd } from "../lib/ws-end.mjs";

let sockets = [];
const ends = [];
let deliveries;

export const { send, sendFor, read, sendOnSchedule } = bulkActions(ends);

/** @param {{port: number, connections?: number, role?: "echo" | "bulk" | "fanOut"}} options */
export async function connect({ port, connections = 1, role = "echo" }) {
  sockets = await connectAll(connections, () => open(port));
  if (role === "bulk") for (const ws of sockets) ends.push(new WsEnd(ws));
  if (role !== "fanOut") return;
  deliveries = new Deliveries(connections, () => sockets[0].send("complete"));
  for (const ws of sockets) ws.on("message", (payload) => deliveries.add(payload));
}

async function open(port) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(ws, "open");
  return ws;
}

/** Messages with so many in flight on each connection; each echo makes room for the next. */
export async function messages({ kind, bytes, size, durationMs }) {
  const payload = kind === "utf8" ? "x".repeat(bytes) : someBytes(bytes);
  const begin = performance.now();
  const end = begin + durationMs;
  let sent = 0;
  let echoed = 0;
  await new Promise((done) => {
    for (const ws of sockets) {
      ws.removeAllListeners("message");
      ws.on("message", () => {
        echoed++;
        if (performance.now() < end) {
          sent++;
          ws.send(payload);
        } else if (echoed === sent) done();
      });
    }
    for (const ws of sockets) for (let at = 0; at < size; at++, sent++) ws.send(payload);
  });
  return rateOf(echoed, begin);
}

/** One message at a time. */
export async function roundTrips({ bytes, durationMs }) {
  const payload = someBytes(bytes);
  const [ws] = sockets;
  let echoed;
  ws.removeAllListeners("message");
  ws.on("message", () => echoed());
  const roundTrip = () =>
    new Promise((resolve) => {
      echoed = resolve;
      ws.send(payload);
    });
  return latencies(await oneByOne({ durationMs }, roundTrip));
}

export function storm({ port, ...load }) {
  return stormOf(load, () => open(port));
}

export function takeDeliveries() {
  return deliveries.take();
}
