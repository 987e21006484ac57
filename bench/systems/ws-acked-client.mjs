// The client's end of `ws-acked-server.mjs`.

import { once } from "node:events";
import { WebSocket } from "ws";
import { someBytes } from "../lib/bulk.mjs";
import { Deliveries } from "../lib/fan-out.mjs";
import { latencies } from "../lib/stats.mjs";
import { connectAll } from "../lib/storm.mjs";
import { keepInFlight, oneByOne } from "../lib/window.mjs";
import { AckedEnd } from "../lib/ws-acked.mjs";

let ends = [];
let deliveries;

/** @param {{port: number, connections?: number, corked?: boolean}} options */
export async function connect({ port, connections = 1, corked = false }) {
  deliveries = new Deliveries(connections);
  ends = await connectAll(connections, async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    const [{ socket }] = await once(ws, "upgrade");
    return new AckedEnd(ws, socket, { corked, received: (payload) => deliveries.add(payload) });
  });
}

export function messages({ bytes, size, durationMs }) {
  const payload = someBytes(bytes);
  return keepInFlight(
    { size, durationMs },
    ends.map((end) => () => end.send(payload)),
  );
}

export async function roundTrips({ bytes, durationMs }) {
  const payload = someBytes(bytes);
  return latencies(await oneByOne({ durationMs }, () => ends[0].send(payload)));
}

export function takeDeliveries() {
  return deliveries.take();
}
