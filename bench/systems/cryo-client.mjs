// The client's end of `cryo-server.mjs`.

import { once } from "node:events";
import { cryo } from "cryo-client-node";
import { someBytes } from "../lib/bulk.mjs";
import { Deliveries } from "../lib/fan-out.mjs";
import { latencies } from "../lib/stats.mjs";
import { connectAll, storm as stormOf } from "../lib/storm.mjs";
import { keepInFlight, oneByOne } from "../lib/window.mjs";

let sessions = [];
let deliveries;

/** @param {{port: number, connections?: number, use_cale?: boolean}} options */
export async function connect({ port, connections = 1, use_cale = false }) {
  deliveries = new Deliveries(connections);
  const received = (payload) => deliveries.add(payload);
  sessions = await connectAll(connections, () => open(port, use_cale));
  for (const session of sessions) session.on("message-binary", received);
}

async function open(port, use_cale = false) {
  const session = await cryo(`ws://127.0.0.1:${port}`, "token", { use_cale, reconnect: false });
  await once(session, use_cale ? "secure" : "connected");
  return session;
}

/** Acknowledged messages, so many in flight on each session. */
export function messages({ bytes, size, durationMs }) {
  const payload = someBytes(bytes);
  return keepInFlight(
    { size, durationMs },
    sessions.map((session) => () => session.SendBinary(payload)),
  );
}

export async function roundTrips({ bytes, durationMs }) {
  const payload = someBytes(bytes);
  return latencies(await oneByOne({ durationMs }, () => sessions[0].SendBinary(payload)));
}

export function storm({ port, use_cale, ...load }) {
  return stormOf(load, () => open(port, use_cale));
}

export function takeDeliveries() {
  return deliveries.take();
}
