// Socket.IO with its WebSocket transport alone and acknowledgements by callback, the server's end. Its messages are texts, which
// it sends as one WebSocket message; a Buffer would take two.

import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { someBytes } from "../lib/bulk.mjs";
import { fanOutFor, RoundNotes } from "../lib/fan-out.mjs";
import { validate } from "../lib/storm.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

let io;
const notes = new RoundNotes();
const sockets = [];

/** @param {{validates?: boolean, keepAliveIntervalMs?: number}} options */
export async function start({ validates = false, keepAliveIntervalMs }) {
  const http = createServer();
  const interval = keepAliveIntervalMs === undefined ? {} : { pingInterval: keepAliveIntervalMs };
  io = new Server(http, { transports: ["websocket"], serveClient: false, ...interval });
  // Its page on memory advises to let go of the first request.
  io.engine.on("connection", (raw) => {
    raw.request = null;
  });
  if (validates) io.use((_, next) => validate().then(() => next()));
  io.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("message", (_, acknowledge) => acknowledge());
    socket.on("complete", () => notes.arrived());
  });
  http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(http, "listening");
  return { port: http.address().port };
}

export function counts() {
  return { sessions: io.engine.clientsCount };
}

/** To all, as it is made for: encoded once, without acknowledgements. */
export function fanOut(load) {
  return fanOutFor(load, (payload) => {
    io.emit("delivery", payload);
    return notes.next();
  });
}

/** Sends bulk as acknowledged messages, so many in flight, until the time is over. */
export async function sendFor({ durationMs, bytes, size }) {
  const chunk = someBytes(bytes);
  const end = performance.now() + durationMs;
  const worker = async () => {
    while (performance.now() < end) await sockets[0].emitWithAck("bulk", chunk);
  };
  await Promise.all(Array.from({ length: size }, worker));
}
