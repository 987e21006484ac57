// Ours, the server's end.

import { CAMP } from "camp-server";
import { campActions } from "../lib/camp-end.mjs";
import { fanOutFor } from "../lib/fan-out.mjs";
import { validate } from "../lib/storm.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

let server;
const sessions = [];

export const { prepareBuffer, stream, streamFor, read, readByHand, readUntilStopped, stop, sendOnSchedule } =
  campActions(sessions);

/** @param {{validates?: boolean, keepAliveIntervalMs?: number}} options */
export async function start({ validates = false, ...options }) {
  const validator = { validate: validates ? validate : async () => true };
  server = await CAMP(validator, { host: "127.0.0.1", port: 0, ...options });
  server.on("session", (session) => {
    sessions.push(session);
    session.on("message-binary", ignore);
    session.on("message-utf8", ignore);
  });
  return { port: server.port };
}

/** The application that gets the messages. */
function ignore() {}

export function counts() {
  return { sessions: server.sessions.size };
}

export function fanOut(load) {
  return fanOutFor(load, (payload) => Promise.all(sessions.map(({ base }) => base.SendBinary(payload))));
}
