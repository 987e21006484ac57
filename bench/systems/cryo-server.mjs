// Ours in the older dialect, the server's end, with CALE or without.

import { cryo } from "cryo-server";
import { fanOutFor } from "../lib/fan-out.mjs";
import { validate } from "../lib/storm.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

let server;
const sessions = [];

/** @param {{validates?: boolean, use_cale?: boolean, keepAliveIntervalMs?: number}} options */
export async function start({ validates = false, use_cale = false, ...options }) {
  const validator = { validate: validates ? validate : async () => true };
  server = await cryo(validator, { host: "127.0.0.1", port: 0, use_cale, ...options });
  server.on("session", (session) => {
    sessions.push(session);
    session.on("message-binary", ignore);
  });
  return { port: server.port };
}

/** The application that gets the messages. */
function ignore() {}

export function counts() {
  return { sessions: server.sessions.size };
}

export function fanOut(load) {
  return fanOutFor(load, (payload) => Promise.all(sessions.map((session) => session.SendBinary(payload))));
}
