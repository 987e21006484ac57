// What the guard looks at: figures that depend on the code and hardly on the machine.

import { Socket } from "node:net";
import { getHeapSpaceStatistics } from "node:v8";
import { CAMP as connect } from "camp-client-node";
import { decode, expectFrames, FrameEncoder } from "camp-protocol";
import { CAMP as serve } from "camp-server";
import { someBytes } from "../lib/bulk.mjs";
import { engines } from "../lib/engines.mjs";
import { collectGarbage } from "../lib/host-memory.mjs";

const id = 7n;
const payload = someBytes(64);
/** Rounds are short and many, so that some of them are not interrupted even on a machine that is busy with other things. */
const rounds = 400;
const messagesPerRound = 512;
const messagesCounted = 4096;

/**
 * How long a path takes, in units of a loop that never changes. Both run in turns, and the fastest round of each counts: it is the
 * one that nobody disturbed.
 */
async function ratioOf(path) {
  let fastest = Number.POSITIVE_INFINITY;
  let fastestReference = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    fastestReference = Math.min(fastestReference, await timeOf(reference));
    fastest = Math.min(fastest, await timeOf(path));
  }
  return fastest / fastestReference;
}

async function timeOf(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** The kind of work that messages are made of: small arrays, bytes, a map, promises. Changing it makes all limits worthless. */
async function reference() {
  const waiting = new Map();
  let slab = new Uint8Array(8192);
  let used = 0;
  for (let number = 0; number < messagesPerRound; number++) {
    if (used + 80 > slab.length) {
      slab = new Uint8Array(8192);
      used = 0;
    }
    const frame = new Uint8Array(slab.buffer, used, 77);
    used += 77;
    frame.set(payload, 13);
    for (let at = 0; at < 13; at++) frame[at] = number >>> at;
    waiting.set(number, frame);
    await null;
    if (waiting.get(number)[9] !== ((number >>> 9) & 0xff)) throw new Error("the machine cannot count");
    waiting.delete(number);
  }
}

export function codecRatio() {
  const encoder = new FrameEncoder(id);
  const expected = expectFrames(id);
  let bytes = 0;
  return ratioOf(() => {
    for (let at = 0; at < messagesPerRound; at++) bytes += decode(encoder.binary(payload), expected).payload.length;
    if (bytes === 0) throw new Error("nothing was decoded");
  });
}

export async function messagesRatio() {
  const { client } = await engines();
  return ratioOf(() => sendAll(client));
}

async function sendAll(client, count = messagesPerRound) {
  for (let sent = 0; sent < count; sent += 256) {
    await Promise.all(Array.from({ length: 256 }, () => client.send("binary", payload)));
  }
}

/** Bytes of JavaScript objects that one acknowledged message costs both ends together. */
export async function bytesPerMessage() {
  const { client } = await engines();
  await sendAll(client, 20_000);
  await collectGarbage();
  const before = youngBytes();
  await sendAll(client, messagesCounted);
  return (youngBytes() - before) / messagesCounted;
}

/** The young generation is made so large for this process that nothing is collected meanwhile. */
function youngBytes() {
  const spaces = getHeapSpaceStatistics();
  const young = spaces.filter(
    ({ space_name }) => space_name === "new_space" || space_name === "new_large_object_space",
  );
  return young.reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}

/** Writes to sockets, by both ends together, for a thousand messages that were sent in one turn. */
export async function writesPerThousand() {
  const server = await serve({ validate: async () => true }, { host: "127.0.0.1", port: 0 });
  const session = await connect(`127.0.0.1:${server.port}`, "token");
  await session.base.SendBinary(payload);
  let writes = 0;
  for (const method of ["_write", "_writev"]) {
    const original = Socket.prototype[method];
    Socket.prototype[method] = function (...args) {
      writes++;
      return original.apply(this, args);
    };
  }
  await Promise.all(Array.from({ length: 1000 }, () => session.base.SendBinary(payload)));
  const counted = writes;
  await session.Close("done");
  await server.Destroy();
  return counted;
}
