// MQTT with quality of service 1, so that the broker acknowledges each message: aedes on `ws`, in memory.

import { once } from "node:events";
import { createServer } from "node:http";
import { Aedes } from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";
import { fanOutFor, RoundNotes } from "../lib/fan-out.mjs";
import { validate } from "../lib/storm.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

let broker;
const notes = new RoundNotes();

/** @param {{validates?: boolean}} options */
export async function start({ validates = false }) {
  const authenticate = validates ? { authenticate: (_, __, ___, done) => validate().then((is) => done(null, is)) } : {};
  broker = await Aedes.createBroker({ concurrency: 1000, ...authenticate });
  broker.on("publish", ({ topic }) => {
    if (topic === "complete") notes.arrived();
  });
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on("connection", (ws, request) => broker.handle(createWebSocketStream(ws), request));
  http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(http, "listening");
  return { port: http.address().port };
}

export function counts() {
  return { sessions: broker.connectedClients };
}

export function fanOut(load) {
  return fanOutFor(load, (payload) => {
    broker.publish({ topic: "delivery", payload, qos: 1 }, () => {});
    return notes.next();
  });
}
