// The clients of the soak: each does one thing after another, now and then leaves and is replaced.

import { once } from "node:events";
import { CAMP } from "camp-client-node";
import { census as censusOf } from "../lib/process-census.mjs";
import { seeded } from "../lib/seeded.mjs";
import { content, Diary, faultOf, pieces } from "../lib/soak-traffic.mjs";

const beatMs = 50;
/** Longest wait for an answer on a connection that stands. */
const answerTimeoutMs = 60_000;

const diary = new Diary();
/** Sessions that are there, and those of them that have nothing to do. */
const sessions = new Set();
const idle = [];
let random;
let beat;
let port;
let serial = 0;
let busy = 0;

/** @param {{port: number, clients: number, actionsPerSecond: number, seed: number}} options */
export async function start({ clients, actionsPerSecond, seed, ...options }) {
  port = options.port;
  random = seeded(seed);
  for (let opened = 0; opened < clients; opened += 50) {
    const batch = Array.from({ length: Math.min(50, clients - opened) }, open);
    idle.push(...(await Promise.all(batch)));
  }
  let due = 0;
  beat = setInterval(() => {
    for (due += (actionsPerSecond * beatMs) / 1000; due >= 1; due--) act();
  }, beatMs);
}

export const census = () => censusOf([...sessions].map(({ session }) => session));

export const report = () => ({ sessions: sessions.size, counts: diary.counts, faults: diary.faults });

/** Lets everything under way finish, and closes every session. */
export async function stop() {
  clearInterval(beat);
  while (busy > 0) await new Promise((done) => setTimeout(done, beatMs));
  const leaving = [...sessions];
  // One that is just between two connections ends with the code of the last.
  sessions.clear();
  await Promise.all(leaving.map(({ session }) => session.Close("the soak is over")));
  idle.length = 0;
}

async function open() {
  const reconnect = { minDelayMs: 50, maxDelayMs: 2000, maxAttempts: 1000 };
  const session = await CAMP(`127.0.0.1:${port}`, "token", { reconnect, timeout: 30_000 });
  const client = { session, waiting: null };
  session.on("message-utf8", (text) => received(client, text));
  session.on("message-binary", (bytes) => received(client, `binary ${bytes.readUInt32BE()} ${bytes.length}`));
  session.on("reconnected", (how) => {
    diary.count(how?.resumed ? "resumed" : "reconnected");
    if (!how?.resumed) client.waiting?.lost();
  });
  session.once("closed", (code, reason) => {
    if (sessions.has(client) && code !== 4000) diary.fault(`closed with ${code} "${reason}"`);
  });
  sessions.add(client);
  await once(session, "connected");
  return client;
}

async function act() {
  if (idle.length === 0) return;
  const client = takeRandom(idle);
  busy++;
  try {
    idle.push(await actOn(client));
  } catch (error) {
    diary.fault(`a client: ${error.stack}`);
  } finally {
    busy--;
  }
}

/** @returns the client, or the one that took its place */
async function actOn(client) {
  const [name, perform] = choose();
  try {
    await perform(client);
    diary.count(name);
  } catch (error) {
    diary.failed(name, error);
  }
  return name === "leave" ? open() : client;
}

function choose() {
  const chance = random(100);
  if (chance < 60) return ["text", echoText];
  if (chance < 84) return ["binary", echoBinary];
  if (chance < 91) return ["up", push];
  if (chance < 98) return ["down", pull];
  return ["leave", leave];
}

async function echoText(client) {
  const text = `echo ${serial++} ${"x".repeat(random(500))}`;
  await Promise.all([answerTo(client, text), client.session.base.SendUTF8(text)]);
}

async function echoBinary(client) {
  const bytes = content(4 + random(16_000));
  bytes.writeUInt32BE(serial++);
  const answer = answerTo(client, `binary ${bytes.readUInt32BE()} ${bytes.length}`);
  await Promise.all([answer, client.session.base.SendBinary(bytes)]);
}

/** A stream to the server, pushed or pulled, of a known or an unknown length. */
async function push({ session }) {
  const bytes = 1 + random(200_000);
  const behaviour = random(2) === 0 ? "push" : "pull";
  const source = bytes % 3 === 0 ? pieces(bytes) : content(bytes);
  const streamName = `up${serial++}`;
  const sent = session.transaction.Stream(source, { streamName, behaviour });
  await Promise.all([sent, session.base.SendUTF8(`up ${streamName} ${bytes}`)]);
}

/** A stream from the server. */
async function pull(client) {
  const bytes = 1 + random(200_000);
  const { promise: cut, abort } = cutOf(client);
  try {
    const name = `down${serial++}`;
    const asked = client.session.base.SendUTF8(`down ${name} ${bytes} ${random(2) === 0 ? "push" : "pull"}`);
    const read = client.session.transaction
      .WaitForStream(name, { timeout: 60_000, signal: abort.signal })
      .then((stream) => faultOf(stream, bytes));
    const [fault] = await Promise.race([Promise.all([read, asked]), cut]);
    if (fault !== null) diary.fault(`down: ${fault}`);
  } finally {
    client.waiting = null;
    abort.abort();
  }
}

async function leave(client) {
  sessions.delete(client);
  if (random(2) === 0) await client.session.Close("leaving");
  else client.session.Destroy();
}

/** Resolves with the answer; without one only if the connection was cut for good meanwhile. */
function answerTo(client, expected) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), answerTimeoutMs);
    const end = (settle, value) => {
      clearTimeout(timer);
      client.waiting = null;
      settle(value);
    };
    client.waiting = { expected, found: () => end(resolve), lost: () => end(reject, cutError()) };
  });
}

function cutOf(client) {
  const abort = new AbortController();
  const promise = new Promise((_, reject) => {
    client.waiting = { expected: null, lost: () => reject(cutError()) };
  });
  return { promise, abort };
}

const cutError = () => Object.assign(new Error("the answer was lost with the connection"), { code: "CONNECTION_LOST" });

function received(client, text) {
  const { waiting } = client;
  if (waiting?.expected === text) waiting.found();
  else diary.count("answers to earlier sessions");
}

function takeRandom(list) {
  const index = random(list.length);
  const [taken] = list.splice(index, 1, list.at(-1));
  list.pop();
  return taken;
}
