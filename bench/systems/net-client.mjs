// The client's end of `net-server.mjs`.

import { once } from "node:events";
import { connect as connectTo } from "node:net";
import { chunkBytes, pieces } from "../lib/bulk.mjs";
import { drained, writeAll } from "../lib/byte-streams.mjs";

let port;

export function connect(server) {
  port = server.port;
}

export async function download({ bytes }) {
  const begin = performance.now();
  const socket = await open(bytes / 2 ** 20);
  const read = await drained(socket);
  if (read !== bytes) throw new Error(`read ${read} of ${bytes} bytes`);
  return { seconds: (performance.now() - begin) / 1000 };
}

export async function upload({ bytes }) {
  const begin = performance.now();
  const socket = await open(0);
  await writeAll(socket, pieces(bytes, chunkBytes));
  socket.end();
  const [answer] = await socket.toArray();
  if (Number(answer) !== bytes) throw new Error(`sent ${answer} of ${bytes} bytes`);
  return { seconds: (performance.now() - begin) / 1000 };
}

async function open(mebibytes) {
  const socket = connectTo({ port, host: "127.0.0.1", allowHalfOpen: true });
  const asking = Buffer.alloc(4);
  asking.writeUInt32BE(mebibytes, 0);
  socket.write(asking);
  await once(socket, "connect");
  return socket;
}
