// Two engines back to back, in one process and without sockets.

import { CampSession, defaultSettings, noHooks } from "camp-session";

const id = 0x1234_5678_9abc_def0n;

/** A client and a server that know each other. */
export async function engines() {
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
