// What either end of a CAMP session does in the runs: streams, reading them, and small messages on a schedule.

import { pieces, someBytes } from "./bulk.mjs";
import { latencies } from "./stats.mjs";
import { onSchedule } from "./window.mjs";

/** Ahead of the range that arrives this one is asked for already. */
const rangeBytes = 4 << 20;

/**
 * The actions of a process that has sessions, in the order in which they connected; the first is the one with the streams.
 *
 * @param {import("camp-client-node").CAMPClientWebsocketSession[]} sessions
 */
export function campActions(sessions) {
  let wholeSource;
  let readBytes = 0;
  let stopReading = new AbortController();

  async function stream({ count = 1, behaviour, source, bytes, pieceBytes, path }) {
    const one = (_, index) =>
      sessions[0].transaction.Stream(sourceFor({ source, bytes, pieceBytes, path }), {
        streamName: nameOf(index),
        behaviour,
        ...(source === "iterable" && { size: bytes }),
      });
    await Promise.all(Array.from({ length: count }, one));
  }

  function sourceFor({ source, bytes, pieceBytes, path }) {
    switch (source) {
      case "iterable":
        return pieces(bytes, pieceBytes);
      case "path":
        return { path };
      default:
        return wholeSource.subarray(0, bytes);
    }
  }

  async function readStream(index, signal) {
    const stream = await sessions[0].transaction.WaitForStream(nameOf(index), { ...(signal && { signal }) });
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      readBytes += chunk.length;
    }
    return bytes;
  }

  return {
    /** Makes the Buffer that later streams read from, before anything is measured. */
    prepareBuffer({ bytes }) {
      wholeSource = Buffer.allocUnsafeSlow(bytes).fill(someBytes(1 << 20));
    },

    /** Sends streams side by side; resolves when the other end has acknowledged the end of each. */
    stream,

    /** Sends streams one after another until the time is over. */
    async streamFor({ durationMs, ...options }) {
      const end = performance.now() + durationMs;
      while (performance.now() < end) await stream(options);
    },

    /** Reads streams side by side, each to its end. */
    async read({ count = 1, bytes }) {
      const begin = performance.now();
      const read = await Promise.all(Array.from({ length: count }, (_, index) => readStream(index)));
      for (const one of read) if (one !== bytes) throw new Error(`read ${one} of ${bytes} bytes`);
      return { seconds: (performance.now() - begin) / 1000 };
    },

    /** Reads one stream by asking for its ranges by hand, one ahead of the one that arrives. */
    async readByHand({ bytes }) {
      const begin = performance.now();
      const { transaction } = sessions[0];
      const stream = await transaction.WaitForStream(nameOf(0));
      let read = 0;
      let asked = 0;
      const ask = async () => {
        const start = asked;
        asked = Math.min(bytes, asked + rangeBytes);
        if (start < asked) await transaction.StreamRequestRange(stream, BigInt(start), BigInt(asked));
      };
      const asking = [ask(), ask()];
      for await (const chunk of stream) {
        read += chunk.length;
        if (asked < bytes && asked - read <= rangeBytes) asking.push(ask());
      }
      await Promise.all(asking);
      if (read !== bytes) throw new Error(`read ${read} of ${bytes} bytes`);
      return { seconds: (performance.now() - begin) / 1000 };
    },

    /** Reads streams as they come until `stop`; how much that was. */
    async readUntilStopped() {
      const begin = performance.now();
      stopReading = new AbortController();
      readBytes = 0;
      while (!stopReading.signal.aborted) {
        await readStream(0, stopReading.signal).catch((error) => {
          if (!stopReading.signal.aborted) throw error;
        });
      }
      return { bytes: readBytes, seconds: (performance.now() - begin) / 1000 };
    },

    stop() {
      stopReading.abort();
    },

    async sendOnSchedule({ on = 0, ...schedule }) {
      const payload = someBytes(64);
      const { fromStart, fromDue } = await onSchedule(schedule, () => sessions[on].base.SendBinary(payload));
      return { fromStart: latencies(fromStart), fromDue: latencies(fromDue) };
    },
  };
}

function nameOf(index) {
  return `bulk ${index}`;
}
