import { latencies } from "./stats.mjs";

/** What a token is looked up in: not in memory, so the answer takes a turn of the event loop. */
export async function validate() {
  await new Promise(setImmediate);
  return true;
}

/**
 * Opens so many connections as fast as it can, so many at a time.
 *
 * @param {() => Promise<unknown>} connect resolves when a message could be sent
 */
export async function storm({ count, atOnce }, connect) {
  const samples = [];
  const begin = performance.now();
  let started = 0;
  const worker = async () => {
    while (started < count) {
      started++;
      const from = performance.now();
      await connect();
      samples.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - begin) / 1000;
  return { ...latencies(samples), seconds, rate: count / seconds };
}

/** The connections of a client, made a few at a time. */
export async function connectAll(count, connect) {
  const made = [];
  await storm({ count, atOnce: Math.min(count, 50) }, async () => made.push(await connect()));
  return made;
}
