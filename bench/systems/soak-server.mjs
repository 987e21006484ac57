// The server of the soak: echoes, takes and gives streams, and cuts connections at random.

import { CAMP } from "camp-server";
import { census as censusOf } from "../lib/process-census.mjs";
import { seeded } from "../lib/seeded.mjs";
import { content, Diary, faultOf, pieces } from "../lib/soak-traffic.mjs";

const diary = new Diary();
const sockets = new Set();
let server;
let cutting;

/** How long a session waits for its client to come back: short, so that those of clients that left are gone soon. */
const resumeWindowMs = 20_000;

/** @param {{secondsBetweenCuts: number, seed: number}} options mean time for which a connection lives */
export async function start({ secondsBetweenCuts, seed }) {
  server = await CAMP({ validate: async () => true }, { host: "127.0.0.1", port: 0, resumeWindowMs });
  server.http_server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("session", serve);
  const random = seeded(seed);
  cutting = setInterval(() => {
    for (const socket of sockets) if (random(secondsBetweenCuts) === 0) cut(socket, random(2) === 0);
  }, 1000);
  return { port: server.port };
}

export const census = () => censusOf([server, server.http_server, ...server.sessions.values(), ...sockets]);

export const report = () => ({ sessions: server.sessions.size, counts: diary.counts, faults: diary.faults });

export async function finish() {
  clearInterval(cutting);
  await server.Destroy();
}

function cut(socket, hard) {
  diary.count("cuts");
  if (hard) socket.resetAndDestroy();
  else socket.destroy();
}

function serve(session) {
  diary.count("sessions");
  session.on("message-utf8", (text) => answer(session, text));
  session.on("message-binary", (bytes) => {
    session.base.SendBinary(bytes).then(
      () => diary.count("binary messages"),
      (error) => diary.failed("binary messages", error),
    );
  });
}

/** What a text asks for: a stream to take, a stream to give, or the same text. */
async function answer(session, text) {
  const [what, name, size, behaviour] = text.split(" ");
  try {
    if (what === "up") await takeStream(session, name, Number(size));
    else if (what === "down") await giveStream(session, name, Number(size), behaviour);
    else await session.base.SendUTF8(text);
    diary.count(what);
  } catch (error) {
    // Without resume a text is sent again after a cut, and its stream is not.
    if (error.code === "STREAM_TIMEOUT") diary.count("up asked for again");
    else diary.failed(what, error);
  }
}

async function takeStream(session, name, bytes) {
  const fault = await faultOf(await session.transaction.WaitForStream(name, 30_000), bytes);
  if (fault !== null) diary.fault(`up: ${fault}`);
}

async function giveStream(session, streamName, bytes, behaviour) {
  const source = bytes % 3 === 0 ? pieces(bytes) : content(bytes);
  await session.transaction.Stream(source, { streamName, behaviour });
}
