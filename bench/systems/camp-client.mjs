// Ours, the client's end.

import { once } from "node:events";
import { CAMP } from "camp-client-node";
import { someBytes } from "../lib/bulk.mjs";
import { latencies } from "../lib/stats.mjs";
import { keepInFlight, onSchedule } from "../lib/window.mjs";

let session;
let readBytes = 0;
let stopReading = new AbortController();

export async function connect({ port }) {
  session = await CAMP(`ws://127.0.0.1:${port}`, "token", { reconnect: false });
  await once(session, "connected");
}

/** Acknowledged messages of 64 bytes, so many in flight. */
export async function messages({ kind, size, durationMs }) {
  const { base } = session;
  const payload = someBytes(64);
  const text = "x".repeat(64);
  const send = kind === "utf8" ? () => base.SendUTF8(text) : () => base.SendBinary(payload);
  const { operations, seconds } = await keepInFlight({ size, durationMs }, send);
  return { messages: operations, seconds, rate: operations / seconds };
}

/** Reads one stream to its end. */
export async function read({ bytes }) {
  const begin = performance.now();
  const read = await readStream();
  if (read !== bytes) throw new Error(`read ${read} of ${bytes} bytes`);
  return { seconds: (performance.now() - begin) / 1000 };
}

/** Reads one stream by asking for its ranges by hand, one ahead of the one that arrives. */
export async function readByHand({ bytes, rangeBytes = 4 << 20 }) {
  const begin = performance.now();
  const { transaction } = session;
  const stream = await transaction.WaitForStream("bulk");
  let read = 0;
  let asked = 0;
  const ask = async () => {
    const start = asked;
    asked = Math.min(bytes, asked + rangeBytes);
    if (start < asked) await transaction.StreamRequestRange(stream, BigInt(start), BigInt(asked));
  };
  const asking = [ask(), ask()];
  for await (const chunk of stream) {
    read += chunk.length;
    if (asked < bytes && asked - read <= rangeBytes) asking.push(ask());
  }
  await Promise.all(asking);
  if (read !== bytes) throw new Error(`read ${read} of ${bytes} bytes`);
  return { seconds: (performance.now() - begin) / 1000 };
}

/** Reads streams as they come until `stop`; how much that was. */
export async function readUntilStopped() {
  const begin = performance.now();
  stopReading = new AbortController();
  readBytes = 0;
  while (!stopReading.signal.aborted) {
    await readStream(stopReading.signal).catch((error) => {
      if (!stopReading.signal.aborted) throw error;
    });
  }
  return { bytes: readBytes, seconds: (performance.now() - begin) / 1000 };
}

export function stop() {
  stopReading.abort();
}

export async function sendOnSchedule(schedule) {
  const payload = someBytes(64);
  const { fromStart, fromDue } = await onSchedule(schedule, () => session.base.SendBinary(payload));
  return { fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
}

async function readStream(signal) {
  const stream = await session.transaction.WaitForStream("bulk", { ...(signal && { signal }) });
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    readBytes += chunk.length;
  }
  return bytes;
}
