// Many bare WebSocket clients in one process, which speak as much of a protocol by hand as keeps a session alive. They are not
// what is measured, so they are as small as can be.

import { once } from "node:events";
import { WebSocket } from "ws";
import { dialects } from "../lib/dialects.mjs";

/** Connections opened at a time. */
const openingAtOnce = 50;

const sockets = [];
let beats = 0;
let closed = 0;

/** Opens connections until there are so many, and introduces itself on each. */
export async function open({ port, count, dialect }) {
  const opening = async () => {
    while (sockets.length < count) await openSession(port, dialects[dialect], sockets.length + 1);
  };
  await Promise.all(Array.from({ length: openingAtOnce }, opening));
}

/** Pings that came, and connections that were lost. */
export function counts() {
  return { beats, closed, open: sockets.filter((ws) => ws.readyState === WebSocket.OPEN).length };
}

/** Resolves once both ends know each other. */
async function openSession(port, { path, protocols = [], greeting, receive, opensAtOnce }, id) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path(id)}`, protocols, { perMessageDeflate: false });
  sockets.push(ws);
  ws.on("close", () => closed++);
  ws.on("ping", () => beats++);
  const introduced = new Promise((resolve, reject) => {
    ws.once("error", reject);
    if (receive === undefined) return resolve();
    ws.on("message", (message) => {
      const { opened = false, beat = false, answers = [] } = receive(message, id);
      if (opened) resolve();
      if (beat) beats++;
      for (const answer of answers) ws.send(answer);
    });
    if (opensAtOnce) resolve();
  });
  await once(ws, "open");
  if (greeting !== undefined) ws.send(greeting(id));
  await introduced;
}
