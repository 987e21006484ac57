// Bare `ws` as one writes it without further thought, the server's end.

import { once } from "node:events";
import { WebSocketServer } from "ws";
import { fanOutFor, RoundNotes } from "../lib/fan-out.mjs";
import { validate } from "../lib/storm.mjs";
import { bulkActions, WsEnd } from "../lib/ws-end.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

/** What becomes of an incoming message, by what the run is about. */
const roles = {
  echo: (ws) => ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary })),
  bulk: (ws) => ends.push(new WsEnd(ws)),
  fanOut: (ws) => ws.on("message", () => notes.arrived()),
};

let server;
const ends = [];
const notes = new RoundNotes();
let beats = 0;

export const { send, sendFor, read, sendOnSchedule } = bulkActions(ends);

/** @param {{role?: "echo" | "bulk" | "fanOut", validates?: boolean, keepAliveIntervalMs?: number}} options */
export async function start({ role = "echo", validates = false, keepAliveIntervalMs }) {
  const verifyClient = validates ? { verifyClient: (_, done) => validate().then(done) } : {};
  server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: false,
    backlog: 4096,
    ...verifyClient,
  });
  await once(server, "listening");
  server.on("connection", roles[role]);
  if (keepAliveIntervalMs !== undefined) beatAll(keepAliveIntervalMs);
  return { port: server.address().port };
}

export function counts() {
  return { sessions: server.clients.size, beats };
}

/** The plain loop: nobody says that anything arrived, but for one note of the client when a round is complete. */
export function fanOut(load) {
  return fanOutFor(load, (payload) => {
    for (const ws of server.clients) ws.send(payload);
    return notes.next();
  });
}

/** The heartbeat of the manual of `ws`: all clients in one loop. */
function beatAll(everyMs) {
  const silent = new WeakSet();
  setInterval(() => {
    for (const ws of server.clients) {
      if (silent.has(ws)) ws.terminate();
      silent.add(ws);
      ws.once("pong", () => silent.delete(ws));
      ws.ping();
      beats++;
    }
  }, everyMs);
}
