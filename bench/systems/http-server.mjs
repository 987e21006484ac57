// Bulk by plain HTTP: a GET that is answered with so many bytes, or a POST whose body is counted.

import { once } from "node:events";
import { createServer } from "node:http";
import { chunkBytes, pieces } from "../lib/bulk.mjs";
import { drained, writeAll } from "../lib/byte-streams.mjs";

export async function start() {
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      await writeAll(response, pieces(Number(request.headers["x-bytes"]), chunkBytes));
      response.end();
    } else response.end(String(await drained(request)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port };
}
