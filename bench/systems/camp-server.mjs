// Ours, the server's end.

import { CAMP } from "camp-server";
import { pieces, someBytes } from "../lib/bulk.mjs";
import { latencies } from "../lib/stats.mjs";
import { onSchedule } from "../lib/window.mjs";

export { eventLoopDelay, memory } from "../lib/server-watch.mjs";

let server;
let session;
let receivedMessages = 0;
let closedSessions = 0;
let wholeSource;

export async function start(options) {
  server = await CAMP({ validate: async () => true }, { host: "127.0.0.1", port: 0, ...options });
  server.on("session", (opened) => {
    session = opened;
    opened.on("message-binary", countMessage);
    opened.on("message-utf8", countMessage);
    opened.on("closed", () => closedSessions++);
  });
  return { port: server.port };
}

function countMessage() {
  receivedMessages++;
}

/** Messages that arrived, sessions that run, and those that ended. */
export function counts() {
  return { receivedMessages, sessions: server.sessions.size, closedSessions };
}

/** Makes the Buffer that later streams read from, before anything is measured. */
export function prepareBuffer({ bytes }) {
  wholeSource = someBytes(1 << 20);
  wholeSource = Buffer.allocUnsafeSlow(bytes).fill(wholeSource);
}

/** Sends one stream; resolves when the client has acknowledged its end. */
export async function stream({ behaviour, source, bytes, pieceBytes, path }) {
  await session.transaction.Stream(sourceFor({ source, bytes, pieceBytes, path }), {
    streamName: "bulk",
    behaviour,
    ...(source === "iterable" && { size: bytes }),
  });
}

/** Sends streams one after another until the time is over. */
export async function streamFor({ durationMs, ...options }) {
  const end = performance.now() + durationMs;
  while (performance.now() < end) await stream(options);
}

/** Sends a small message every few milliseconds and measures how long each took to be acknowledged. */
export async function sendOnSchedule(schedule) {
  const payload = someBytes(64);
  const { fromStart, fromDue } = await onSchedule(schedule, () => session.base.SendBinary(payload));
  return { fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
}

function sourceFor({ source, bytes, pieceBytes, path }) {
  switch (source) {
    case "iterable":
      return pieces(bytes, pieceBytes);
    case "path":
      return { path };
    default:
      return wholeSource.subarray(0, bytes);
  }
}
