/**
 * Keeps `size` operations going on each connection until the time is over, then waits for those under way.
 *
 * @param {{size: number, durationMs: number}} limits
 * @param {(() => Promise<unknown>)[]} operations one for each connection
 * @returns {Promise<{messages: number, seconds: number, rate: number}>}
 */
export async function keepInFlight({ size, durationMs }, operations) {
  const begin = performance.now();
  const end = begin + durationMs;
  let messages = 0;
  const worker = async (operation) => {
    while (performance.now() < end) {
      messages++;
      await operation();
    }
  };
  await Promise.all(operations.flatMap((operation) => Array.from({ length: size }, () => worker(operation))));
  return rateOf(messages, begin);
}

/** What so many messages since `begin` come to. */
export function rateOf(messages, begin) {
  const seconds = (performance.now() - begin) / 1000;
  return { messages, seconds, rate: messages / seconds };
}

/** One operation after the other until the time is over; how long each took, in milliseconds. */
export async function oneByOne({ durationMs }, operation) {
  const end = performance.now() + durationMs;
  const samples = [];
  for (let begin = performance.now(); begin < end; ) {
    await operation();
    const now = performance.now();
    samples.push(now - begin);
    begin = now;
  }
  return samples;
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
