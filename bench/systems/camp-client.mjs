// Ours, the client's end.

import { once } from "node:events";
import { CAMP } from "camp-client-node";
import { someBytes } from "../lib/bulk.mjs";
import { campActions } from "../lib/camp-end.mjs";
import { Deliveries } from "../lib/fan-out.mjs";
import { latencies } from "../lib/stats.mjs";
import { connectAll, storm as stormOf } from "../lib/storm.mjs";
import { keepInFlight, oneByOne } from "../lib/window.mjs";

const sessions = [];
let deliveries;

export const { prepareBuffer, stream, streamFor, read, readByHand, readUntilStopped, stop, sendOnSchedule } =
  campActions(sessions);

/** @param {{port: number, connections?: number}} options */
export async function connect({ port, connections = 1 }) {
  deliveries = new Deliveries(connections);
  const received = (payload) => deliveries.add(payload);
  sessions.push(...(await connectAll(connections, () => open(port))));
  for (const session of sessions) session.on("message-binary", received);
}

async function open(port) {
  const session = await CAMP(`ws://127.0.0.1:${port}`, "token", { reconnect: false });
  await once(session, "connected");
  return session;
}

/** Acknowledged messages, so many in flight on each session. */
export function messages({ kind, bytes, size, durationMs }) {
  const payload = someBytes(bytes);
  const text = "x".repeat(bytes);
  const sendOn = ({ base }) => (kind === "utf8" ? () => base.SendUTF8(text) : () => base.SendBinary(payload));
  return keepInFlight({ size, durationMs }, sessions.map(sendOn));
}

export async function roundTrips({ bytes, durationMs }) {
  const payload = someBytes(bytes);
  return latencies(await oneByOne({ durationMs }, () => sessions[0].base.SendBinary(payload)));
}

export function storm({ port, ...load }) {
  return stormOf(load, () => open(port));
}

export function takeDeliveries() {
  return deliveries.take();
}
