// The server of the example: the page, the prebuilt client, and a CAMP server that echoes texts and takes files.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { CAMP } from "camp-server";

const port = Number(process.env.PORT ?? 8080);
/** The page may connect to whatever server its reader names. */
const policy = "default-src 'self'; img-src data:; connect-src 'self' http: https: ws: wss:";
const types = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
// The prebuilt client loads a second file, which must lie beside it.
const bundle = dirname(createRequire(import.meta.url).resolve("camp-client-browser/bundle"));
const files = new Map([
  ...["index.html", "page.css", "page.js", "chart.js", "pausable-file.js"].map((name) => [
    `/${name}`,
    new URL(name, import.meta.url),
  ]),
  ...(await readdir(bundle)).map((name) => [`/client/${name}`, join(bundle, name)]),
]);
/** The connections of sessions, for the button that cuts them. */
const sockets = new Set();

const http = createServer(async (request, response) => {
  if (request.method === "POST" && request.url === "/cut") {
    for (const socket of sockets) socket.destroy();
    response.writeHead(204).end();
    return;
  }
  if (server.ExplainRefusal(request, response)) return;
  const path = request.url === "/" ? "/index.html" : request.url;
  const file = files.get(path);
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": `${types[extname(path)]}; charset=utf-8`,
    "Content-Security-Policy": policy,
  });
  response.end(await readFile(file));
});

http.on("upgrade", (_request, socket) => {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
});

const server = await CAMP({ validate: async (token) => token === "demo" }, { server: http, path: "/camp" });

server.on("session", async (session) => {
  session.on("message-utf8", (text) => void session.base.SendUTF8(`echo: ${text}`).catch(() => {}));
  try {
    for (;;) await receive(session);
  } catch {
    // The session has ended.
  }
});

/** Takes one file and tells its page what has arrived. It is not kept. */
async function receive(session) {
  const upload = await session.transaction.WaitForStream("upload");
  const hash = createHash("sha256");
  try {
    for await (const chunk of upload) hash.update(chunk);
    await session.base.SendUTF8(`${upload.receivedBytes} bytes arrived, SHA-256 ${hash.digest("hex").slice(0, 16)}…`);
  } catch (error) {
    if (session.state === "closed") throw error;
  }
}

http.on("error", (error) => {
  console.error(error.code === "EADDRINUSE" ? `port ${port} is in use; choose another with PORT=…` : error.message);
  process.exitCode = 1;
});
http.listen(port, "127.0.0.1", () => console.log(`Open http://127.0.0.1:${http.address().port}/`));
process.once("SIGTERM", async () => {
  await server.Drain();
  http.close();
  http.closeAllConnections(); // browsers open some in advance
});
