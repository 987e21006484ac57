// The client's end of `ws-acked-server.mjs`.

import { once } from "node:events";
import { WebSocket } from "ws";
import { someBytes } from "../lib/bulk.mjs";
import { keepInFlight } from "../lib/window.mjs";
import { corked, messageOf, numberOf } from "../lib/ws-acked.mjs";

let ws;
let send;

export async function connect({ port }) {
  ws = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  ws.once("upgrade", ({ socket }) => {
    send = corked(ws, socket);
  });
  await once(ws, "open");
}

export async function messages({ size, durationMs }) {
  const payload = someBytes(64);
  const waiting = new Map();
  let next = 0;
  ws.removeAllListeners("message");
  ws.on("message", (frame) => {
    const number = numberOf(frame);
    waiting.get(number)?.(true);
    waiting.delete(number);
  });
  const message = () =>
    new Promise((acknowledged) => {
      waiting.set(next, acknowledged);
      send(messageOf(payload, next++));
    });
  const { operations, seconds } = await keepInFlight({ size, durationMs }, message);
  return { messages: operations, seconds, rate: operations / seconds };
}
