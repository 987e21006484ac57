import { someBytes } from "./bulk.mjs";
import { latencies } from "./stats.mjs";

/** Rounds under way at once: the server works on the next while the last deliveries of one are still on their way. */
const roundsInFlight = 2;
const stampBytes = 8;

/** Milliseconds on a clock that all processes of the machine share. */
function sharedNow() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * The server's end: sends one message to every session, again and again.
 *
 * @param {(payload: Buffer) => Promise<unknown>} round sends it to all; settles when all have it
 */
export async function fanOutFor({ bytes, durationMs }, round) {
  const end = performance.now() + durationMs;
  const worker = async () => {
    while (performance.now() < end) {
      const payload = someBytes(bytes);
      payload.writeDoubleBE(sharedNow(), 0);
      await round(payload);
    }
  };
  await Promise.all(Array.from({ length: roundsInFlight }, worker));
}

/** The client's end: what arrived on all connections together, and how long it took from the beginning of its round. */
export class Deliveries {
  #connections;
  #roundDone;
  #delays = [];
  #count = 0;
  #begin = performance.now();

  /** @param {() => void} [roundDone] called each time as many messages arrived as there are connections */
  constructor(connections, roundDone = () => {}) {
    this.#connections = connections;
    this.#roundDone = roundDone;
  }

  /** @param {Buffer} payload */
  add(payload) {
    if (payload.length < stampBytes) throw new Error(`a delivery of ${payload.length} bytes`);
    this.#delays.push(sharedNow() - payload.readDoubleBE(0));
    if (++this.#count % this.#connections === 0) this.#roundDone();
  }

  /** What came since the last time somebody asked. */
  take() {
    const seconds = (performance.now() - this.#begin) / 1000;
    const result = { deliveries: this.#delays.length, seconds, ...latencies(this.#delays) };
    this.#delays = [];
    this.#begin = performance.now();
    return { ...result, rate: result.deliveries / seconds };
  }
}

/** Turns notes of the client, "a round is complete", into promises of the server. */
export class RoundNotes {
  #waiting = [];

  /** A promise for the next note that nobody waits for yet. */
  next() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  arrived() {
    this.#waiting.shift()?.();
  }
}
