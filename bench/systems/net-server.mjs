// Bulk by plain TCP: what the machine can do. Four bytes say how many mebibytes the client wants; 0 says that it will send.

import { once } from "node:events";
import { createServer } from "node:net";
import { chunkBytes, pieces } from "../lib/bulk.mjs";
import { drained, writeAll } from "../lib/byte-streams.mjs";

export async function start() {
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    const [first] = await once(socket, "data");
    const mebibytes = first.readUInt32BE(0);
    if (mebibytes > 0) {
      await writeAll(socket, pieces(mebibytes * 2 ** 20, chunkBytes));
      socket.end();
    } else socket.end(String(first.length - 4 + (await drained(socket))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port };
}
