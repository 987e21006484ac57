// The client's end of `http-server.mjs`.

import { once } from "node:events";
import { Agent, request } from "node:http";
import { chunkBytes, pieces } from "../lib/bulk.mjs";
import { drained, writeAll } from "../lib/byte-streams.mjs";

let server;
const agent = new Agent({ keepAlive: true });

export function connect({ port }) {
  server = { host: "127.0.0.1", port, agent };
}

export async function download({ bytes }) {
  const begin = performance.now();
  const asking = request({ ...server, headers: { "x-bytes": bytes } }).end();
  const [response] = await once(asking, "response");
  const read = await drained(response);
  if (read !== bytes) throw new Error(`read ${read} of ${bytes} bytes`);
  return { seconds: (performance.now() - begin) / 1000 };
}

export async function upload({ bytes }) {
  const begin = performance.now();
  const posting = request({ ...server, method: "POST" });
  const answered = once(posting, "response");
  await writeAll(posting, pieces(bytes, chunkBytes));
  posting.end();
  const [response] = await answered;
  const [read] = await response.toArray();
  if (Number(read) !== bytes) throw new Error(`sent ${read} of ${bytes} bytes`);
  return { seconds: (performance.now() - begin) / 1000 };
}
