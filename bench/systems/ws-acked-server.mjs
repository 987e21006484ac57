// What could be reached: bare `ws` with a header and an acknowledgement per message, the frames of one turn in one write, and
// nothing else. The server's end.

import { once } from "node:events";
import { WebSocketServer } from "ws";
import { ackOf, corked } from "../lib/ws-acked.mjs";

let server;

export async function start() {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  server.on("connection", (ws, request) => {
    const send = corked(ws, request.socket);
    ws.on("message", (frame) => send(ackOf(frame)));
  });
  return { port: server.address().port };
}
