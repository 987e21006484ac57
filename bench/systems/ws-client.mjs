// Bare `ws` as one writes it without further thought, the client's end.

import { once } from "node:events";
import { WebSocket } from "ws";
import { someBytes } from "../lib/bulk.mjs";
import { latencies } from "../lib/stats.mjs";
import { onSchedule } from "../lib/window.mjs";
import { askAndAnswer } from "../lib/ws-questions.mjs";

let ws;
/** What came since the last time somebody asked, so that nothing is missed that comes before. */
let inbox = { bytes: 0 };
let ask;
let over;

export async function connect({ port }) {
  ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(ws, "open");
  ask = askAndAnswer(ws, (data, isBinary) => {
    if (isBinary) inbox.bytes += data.length;
    else over();
  });
  emptyInbox();
}

function emptyInbox() {
  inbox = { bytes: 0 };
  inbox.over = new Promise((resolve) => {
    over = resolve;
  });
}

/** Messages of 64 bytes, so many in flight; each echo makes room for the next. */
export async function messages({ kind, size, durationMs }) {
  const payload = kind === "utf8" ? "x".repeat(64) : someBytes(64);
  const begin = performance.now();
  const end = begin + durationMs;
  let sent = 0;
  let echoed = 0;
  await new Promise((done) => {
    ws.removeAllListeners("message");
    ws.on("message", () => {
      echoed++;
      if (performance.now() < end) {
        sent++;
        ws.send(payload);
      } else if (echoed === sent) done();
    });
    for (; sent < size; sent++) ws.send(payload);
  });
  const seconds = (performance.now() - begin) / 1000;
  return { messages: echoed, seconds, rate: echoed / seconds };
}

/** Takes what comes until the server says that it was all. */
export async function read({ bytes: expected } = {}) {
  const begin = performance.now();
  await inbox.over;
  const { bytes } = inbox;
  emptyInbox();
  if (expected !== undefined && bytes !== expected) throw new Error(`read ${bytes} of ${expected} bytes`);
  return { bytes, seconds: (performance.now() - begin) / 1000 };
}

/** The same while small questions are asked on a schedule, by this end if there is one. */
export async function readAndAsk({ schedule }) {
  const asked = schedule === undefined ? null : onSchedule(schedule, ask);
  const result = await read();
  if (asked === null) return result;
  const { fromStart, fromDue } = await asked;
  return { ...result, fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
}
