// What could be reached with encryption: plain TCP and `node:crypto`, by hand. The server's end.

import { once } from "node:events";
import { createServer } from "node:net";
import { keysOf, SealedEnd } from "../lib/sealed-end.mjs";

export async function start() {
  const server = createServer((socket) => new SealedEnd(socket, keysOf("server")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port };
}
