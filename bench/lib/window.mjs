/**
 * Keeps `size` operations going until the time is over or `countMax` have begun, then waits for those under way.
 *
 * @param {{size: number, durationMs: number, countMax?: number}} limits
 * @param {() => Promise<unknown>} operation
 * @returns {Promise<{operations: number, seconds: number}>}
 */
export async function keepInFlight({ size, durationMs, countMax = 50_000_000 }, operation) {
  const begin = performance.now();
  const end = begin + durationMs;
  let operations = 0;
  const worker = async () => {
    while (operations < countMax && performance.now() < end) {
      operations++;
      await operation();
    }
  };
  await Promise.all(Array.from({ length: size }, worker));
  return { operations, seconds: (performance.now() - begin) / 1000 };
}

/**
 * Starts one operation every `everyMs` until the time is over, whether or not those before it have ended, and measures how
 * long each takes: from its start, and from the moment it was due, which counts the delay of a busy event loop as well.
 */
export async function onSchedule({ everyMs, durationMs }, operation) {
  const begin = performance.now();
  const count = Math.floor(durationMs / everyMs);
  const fromStart = [];
  const fromDue = [];
  const pending = [];
  let started = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      for (; started < count && begin + started * everyMs <= now; started++) {
        const due = begin + started * everyMs;
        const ended = () => {
          const end = performance.now();
          fromStart.push(end - now);
          fromDue.push(end - due);
        };
        pending.push(operation().then(ended));
      }
      if (started < count) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  await Promise.all(pending);
  return { fromStart, fromDue };
}
