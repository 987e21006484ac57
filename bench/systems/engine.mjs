// The codec alone, and two engines back to back: what messages cost before sockets come in.

import { decode, expectFrames, FrameEncoder } from "camp-protocol";
import { CampSession, defaultSettings, noHooks } from "camp-session";
import { someBytes } from "../lib/bulk.mjs";
import { keepInFlight } from "../lib/window.mjs";

const id = 0x1234_5678_9abc_def0n;
const encoder = new FrameEncoder(id);
const expected = expectFrames(id);
const payload = someBytes(64);
const text = "x".repeat(64);
const block = someBytes(2 ** 20);
/** Operations between two looks at the clock. */
const batch = 1000;
let sink = 0;

export const encode = forAWhile(() => {
  sink += encoder.binary(payload).length;
});

const encoded = encoder.binary(payload);
export const decodeOnly = forAWhile(() => {
  sink += decode(encoded, expected).ack;
});

export const encodeAndDecode = forAWhile(() => {
  sink += decode(encoder.binary(payload), expected).payload.length;
});

export const encodeAndDecodeAck = forAWhile(() => {
  sink += decode(encoder.ack(7), expected).ack;
});

export const encodeAndDecodeText = forAWhile(() => {
  sink += decode(encoder.utf8(text), expected).payload.length;
});

/** Acknowledged messages from one engine to the other, 256 in flight. */
export async function messages({ durationMs }) {
  const { client } = await engines();
  const { operations, seconds } = await keepInFlight({ size: 256, durationMs }, () => client.send("binary", payload));
  return { operations, seconds, rate: operations / seconds };
}

/** Chunks of one push stream from one engine to the other. */
export async function push({ durationMs }) {
  const { client, server } = await engines();
  const begin = performance.now();
  const end = begin + durationMs;
  let chunks = 0;
  while (performance.now() < end) {
    const size = 2n ** 28n;
    const source = { kind: "random", size, viewAt: (_, bytes) => block.subarray(0, bytes), close() {} };
    const sent = server.stream(source, { name: "bulk", behaviour: "push" });
    const stream = await client.waitForStream("bulk");
    const take = () => {
      while (stream.take() !== null) chunks++;
    };
    stream.onChange = take;
    take();
    await sent;
  }
  const seconds = (performance.now() - begin) / 1000;
  return { operations: chunks, seconds, rate: chunks / seconds };
}

function forAWhile(operation) {
  return ({ durationMs }) => {
    const begin = performance.now();
    const end = begin + durationMs;
    let operations = 0;
    for (; performance.now() < end; operations += batch) for (let at = 0; at < batch; at++) operation();
    const seconds = (performance.now() - begin) / 1000;
    return { operations, seconds, rate: operations / seconds, sink };
  };
}

/** A client and a server that know each other. */
async function engines() {
  const connected = [];
  const [near, far] = Wire.pair();
  const ends = [near, far].map((wire, index) => {
    const { promise, resolve } = deferred();
    connected.push(promise);
    const session = new CampSession({
      ...{ id, role: index === 0 ? "client" : "server", settings: defaultSettings, hooks: noHooks },
      ...{ reconnects: false, phase: 0, clock: clockFor(() => session.tick()), events: eventsFor(resolve) },
    });
    wire.session = session;
    return session;
  });
  ends[0].attach(near);
  ends[1].attach(far);
  await Promise.all(connected);
  return { client: ends[0], server: ends[1] };
}

/** One end of a connection without a network: what was sent in a turn arrives together in the next, copied once. */
class Wire {
  session = null;
  bufferedBytes = 0;
  receivedBytes = 0;
  #other;
  #sent = [];

  static pair() {
    const ends = [new Wire(), new Wire()];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  send(bytes, body) {
    const message = body === undefined ? bytes : Buffer.concat([bytes, body]);
    if (this.#sent.length === 0) setImmediate(() => this.#deliver());
    this.#sent.push(message);
    this.bufferedBytes += message.length;
  }

  pause() {
    return true;
  }

  resume() {}
  close() {}
  terminate() {}

  #deliver() {
    const sent = this.#sent;
    this.#sent = [];
    this.bufferedBytes = 0;
    for (const bytes of sent) this.#other.session.received(bytes);
    this.session.writable();
  }
}

function clockFor(tick) {
  let timer;
  return {
    now: () => performance.now(),
    wakeAt(timeMs) {
      clearTimeout(timer);
      const delayMs = timeMs - performance.now();
      if (delayMs <= 0) setImmediate(tick);
      else if (Number.isFinite(delayMs)) timer = setTimeout(tick, delayMs);
    },
  };
}

function eventsFor(connected) {
  const ignore = () => {};
  const events = [
    "disconnected",
    "reconnected",
    "message",
    "beat",
    "dropped",
    "drain",
    "streamUnclaimed",
    "hookFailed",
  ];
  return { ...Object.fromEntries(events.map((event) => [event, ignore])), error: ignore, closed: ignore, connected };
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
