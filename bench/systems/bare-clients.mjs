// Many bare WebSocket clients in one process, which speak as much CAMP by hand as keeps a session alive. They are not what is
// measured, so they are as small as can be.

import { once } from "node:events";
import { WebSocket } from "ws";

/** Connections opened at a time. */
const openingAtOnce = 50;
const type = { endpointInfo: 255, ack: 253, pingPong: 251 };
const typeAt = 8;
const bodyAt = 9;

const sockets = [];
let beats = 0;
let closed = 0;

/** Opens so many connections, and introduces itself on each if `camp`. */
export async function open({ port, count, camp }) {
  const opening = async () => {
    while (sockets.length < count) await (camp ? openSession(port, sockets.length + 1) : openSocket(port));
  };
  await Promise.all(Array.from({ length: openingAtOnce }, opening));
}

/** Pings that came, and connections that were lost. */
export function counts() {
  return { beats, closed, open: sockets.filter((ws) => ws.readyState === WebSocket.OPEN).length };
}

function connect(url, protocols) {
  const ws = new WebSocket(url, protocols, { perMessageDeflate: false });
  sockets.push(ws);
  ws.on("close", () => closed++);
  ws.on("ping", () => beats++);
  return ws;
}

async function openSocket(port) {
  await once(connect(`ws://127.0.0.1:${port}`), "open");
}

/** Resolves once both ends know each other. */
async function openSession(port, id) {
  const ws = connect(`ws://127.0.0.1:${port}/?authorization=Bearer%20x&x-camp-sid=${id}`, "camp");
  await new Promise((introduced, failed) => {
    ws.once("error", failed);
    ws.on("message", (frame) => {
      if (frame[typeAt] === type.endpointInfo) {
        ws.send(endpointInfo(id));
        ws.send(ack(id));
      } else if (frame[typeAt] === type.ack) introduced();
      else if (frame[typeAt] === type.pingPong) {
        beats++;
        ws.send(pong(id));
      }
    });
  });
}

function frameOf(id, frameType, bytes) {
  const frame = Buffer.alloc(bytes);
  frame.writeBigUInt64BE(BigInt(id), 0);
  frame[typeAt] = frameType;
  return frame;
}

/** Number 0, version 1, transactions and stream control. */
function endpointInfo(id) {
  const frame = frameOf(id, type.endpointInfo, 25);
  frame.writeUInt32BE(1, 13);
  frame.writeBigUInt64BE((1n << 32n) | 1n, 17);
  return frame;
}

function ack(id) {
  return frameOf(id, type.ack, 13);
}

function pong(id) {
  const frame = frameOf(id, type.pingPong, 13);
  frame.write("pong", bodyAt, "latin1");
  return frame;
}
