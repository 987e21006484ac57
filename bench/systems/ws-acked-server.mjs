// What could be reached: bare `ws` with a header and an acknowledgement per message, and nothing else. The server's end.

import { once } from "node:events";
import { WebSocketServer } from "ws";
import { fanOutFor } from "../lib/fan-out.mjs";
import { AckedEnd } from "../lib/ws-acked.mjs";

const ends = [];

/** @param {{corked?: boolean}} options whether the frames of one turn of the event loop leave in one write */
export async function start({ corked = false }) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, backlog: 4096 });
  await once(server, "listening");
  server.on("connection", (ws, request) => ends.push(new AckedEnd(ws, request.socket, { corked })));
  return { port: server.address().port };
}

export function fanOut(load) {
  return fanOutFor(load, (payload) => Promise.all(ends.map((end) => end.send(payload))));
}
