// The client's end of `mqtt-server.mjs`.

import mqtt from "mqtt";
import { someBytes } from "../lib/bulk.mjs";
import { Deliveries } from "../lib/fan-out.mjs";
import { latencies } from "../lib/stats.mjs";
import { connectAll, storm as stormOf } from "../lib/storm.mjs";
import { keepInFlight, oneByOne } from "../lib/window.mjs";

let clients = [];
let deliveries;

/** @param {{port: number, connections?: number, role?: string}} options */
export async function connect({ port, connections = 1, role }) {
  clients = await connectAll(connections, () => open(port));
  if (role !== "fanOut") return;
  deliveries = new Deliveries(connections, () => clients[0].publish("complete", "", { qos: 0 }));
  for (const client of clients) client.on("message", (_, payload) => deliveries.add(payload));
  await Promise.all(clients.map((client) => client.subscribeAsync("delivery", { qos: 1 })));
}

function open(port) {
  return mqtt.connectAsync(`ws://127.0.0.1:${port}`, { reconnectPeriod: 0, keepalive: 0, protocolVersion: 4 });
}

export function messages({ bytes, size, durationMs }) {
  const payload = someBytes(bytes);
  return keepInFlight(
    { size, durationMs },
    clients.map((client) => () => client.publishAsync("message", payload, { qos: 1 })),
  );
}

export async function roundTrips({ bytes, durationMs }) {
  const payload = someBytes(bytes);
  return latencies(await oneByOne({ durationMs }, () => clients[0].publishAsync("message", payload, { qos: 1 })));
}

export function storm({ port, ...load }) {
  return stormOf(load, () => open(port));
}

export function takeDeliveries() {
  return deliveries.take();
}
