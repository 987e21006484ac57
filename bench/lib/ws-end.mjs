// What either end of a bare WebSocket does in the runs with bulk: sends it, takes it, and asks small questions meanwhile.

import { chunkBytes, someBytes } from "./bulk.mjs";
import { latencies } from "./stats.mjs";
import { onSchedule } from "./window.mjs";

/** Bytes after which the paced sender gives the event loop a turn. */
const turnBytes = 1 << 20;
const question = `?${"x".repeat(63)}`;
const answer = `!${"x".repeat(63)}`;
/** The last message of bulk. */
const end = "end";

/** One end of one connection. Binary messages are bulk; questions are answered at once. */
export class WsEnd {
  #ws;
  #waiting = [];
  /** What came since the last time somebody asked, so that nothing is missed that comes before. */
  #bytes = 0;
  #over;
  #isOver;

  /** @param {import("ws").WebSocket} ws */
  constructor(ws) {
    this.#ws = ws;
    this.#expect();
    ws.on("message", (data, isBinary) => {
      if (isBinary) this.#bytes += data.length;
      else if (data[0] === 0x3f) ws.send(answer);
      else if (data[0] === 0x21) this.#waiting.shift()();
      else this.#isOver();
    });
  }

  #expect() {
    this.#bytes = 0;
    this.#over = new Promise((resolve) => {
      this.#isOver = resolve;
    });
  }

  /** Resolves with the answer to a small question. */
  ask() {
    return new Promise((answered) => {
      this.#waiting.push(answered);
      this.#ws.send(question);
    });
  }

  /** Takes what comes until the other end says that it was all. */
  async read() {
    const begin = performance.now();
    await this.#over;
    const bytes = this.#bytes;
    this.#expect();
    return { bytes, seconds: (performance.now() - begin) / 1000 };
  }

  /**
   * `drain`: goes on whenever the socket has let go of what it held. `turn`: the same, and after each MiB everything else gets
   * its turn, because on a fast link writes complete at once and `drain` alone never lets go. `copy`: that, with each chunk in
   * memory of its own, as whoever puts a header before it will have it.
   */
  async sendWhile(pace, goesOn) {
    const chunk = someBytes(chunkBytes);
    let sent = 0;
    for (let inTurn = 0; goesOn(sent); sent += chunkBytes) {
      const message = pace === "copy" ? copyOf(chunk) : chunk;
      const left = new Promise((done) => this.#ws.send(message, done));
      if (this.#ws.bufferedAmount >= turnBytes) await left;
      inTurn += chunkBytes;
      if (pace === "drain" || inTurn < turnBytes) continue;
      inTurn = 0;
      await new Promise(setImmediate);
    }
    await new Promise((done) => this.#ws.send(end, done));
  }
}

/**
 * The actions of a process that has such ends, in the order in which they connected; the first is the one with the bulk.
 *
 * @param {WsEnd[]} ends
 */
export function bulkActions(ends) {
  return {
    /** Sends so many bytes; resolves when the last has left. */
    send: ({ bytes, pace }) => ends[0].sendWhile(pace, (sent) => sent < bytes),

    sendFor({ durationMs, pace }) {
      const end = performance.now() + durationMs;
      return ends[0].sendWhile(pace, () => performance.now() < end);
    },

    async read({ bytes: expected } = {}) {
      const result = await ends[0].read();
      if (expected !== undefined && result.bytes !== expected)
        throw new Error(`read ${result.bytes} of ${expected} bytes`);
      return result;
    },

    async sendOnSchedule({ on = 0, ...schedule }) {
      const { fromStart, fromDue } = await onSchedule(schedule, () => ends[on].ask());
      return { fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
    },
  };
}

function copyOf(chunk) {
  const copy = Buffer.allocUnsafeSlow(chunk.length);
  copy.set(chunk);
  return copy;
}
