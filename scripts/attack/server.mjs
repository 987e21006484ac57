// The server that is attacked, in a process of its own.

import { CAMP } from "camp-server";
import { census as censusOf } from "../../bench/lib/process-census.mjs";
import { application, publicOptions, validator } from "../../packages/conformance/dist/wire/hostile/application.js";

let server;

export async function start() {
  server = await CAMP(validator, { host: "127.0.0.1", port: 0, ...publicOptions });
  server.on("session", application);
  return { port: server.port };
}

export const sessions = () => server.sessions.size;

export const census = () => censusOf([server, server.http_server, ...server.sessions.values()]);

export const finish = () => server.Destroy();
