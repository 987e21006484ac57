// Bare `ws` as one writes it without further thought, the server's end: echo, and bulk with one of two ways of pacing.

import { once } from "node:events";
import { WebSocketServer } from "ws";
import { chunkBytes, someBytes } from "../lib/bulk.mjs";
import { latencies } from "../lib/stats.mjs";
import { onSchedule } from "../lib/window.mjs";
import { askAndAnswer } from "../lib/ws-questions.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

/** Bytes after which the paced sender gives the event loop a turn. */
const turnBytes = 1 << 20;

let server;
let socket;
let ask;
let closedSessions = 0;
let beats = 0;

/** @param {{echo?: boolean, keepAliveIntervalMs?: number}} options */
export async function start({ echo = true, keepAliveIntervalMs }) {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  server.on("connection", (ws) => {
    socket = ws;
    ws.on("close", () => closedSessions++);
    if (echo) ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
    else ask = askAndAnswer(ws, () => {});
  });
  if (keepAliveIntervalMs !== undefined) beatAll(keepAliveIntervalMs);
  return { port: server.address().port };
}

export function counts() {
  return { sessions: server.clients.size, closedSessions, beats };
}

/** Sends so many bytes; resolves when the last has left. */
export function send({ bytes, pace }) {
  return sendWhile(pace, (sent) => sent < bytes);
}

export function sendFor({ durationMs, pace }) {
  const end = performance.now() + durationMs;
  return sendWhile(pace, () => performance.now() < end);
}

export async function sendOnSchedule(schedule) {
  const { fromStart, fromDue } = await onSchedule(schedule, ask);
  return { fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
}

/**
 * `drain`: goes on whenever the socket has let go of what it held. `turn`: the same, and after each MiB everything else gets
 * its turn, because on a fast link writes complete at once and `drain` alone never lets go. `copy`: that, with each chunk in
 * memory of its own, as whoever puts a header before it will have it.
 */
async function sendWhile(pace, goesOn) {
  const chunk = someBytes(chunkBytes);
  let sent = 0;
  for (let inTurn = 0; goesOn(sent); sent += chunkBytes) {
    const message = pace === "copy" ? copyOf(chunk) : chunk;
    const left = new Promise((done) => socket.send(message, done));
    if (socket.bufferedAmount >= turnBytes) await left;
    inTurn += chunkBytes;
    if (pace === "drain" || inTurn < turnBytes) continue;
    inTurn = 0;
    await new Promise(setImmediate);
  }
  await new Promise((done) => socket.send("end", done));
}

function copyOf(chunk) {
  const copy = Buffer.allocUnsafeSlow(chunk.length);
  copy.set(chunk);
  return copy;
}

/** The heartbeat of the manual of `ws`: all clients in one loop. */
function beatAll(everyMs) {
  const silent = new WeakSet();
  setInterval(() => {
    for (const ws of server.clients) {
      if (silent.has(ws)) ws.terminate();
      silent.add(ws);
      ws.once("pong", () => silent.delete(ws));
      ws.ping();
      beats++;
    }
  }, everyMs);
}
