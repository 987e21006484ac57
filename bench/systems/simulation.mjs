// Sessions that live through traffic and faults on a simulated network, by a clock of their own.

import { simulate } from "camp-session/testing";

const settle = () => new Promise((resolve) => setImmediate(resolve));

export async function simulateSeeds({ from, count }) {
  const begin = performance.now();
  let simulatedMs = 0;
  for (let seed = from; seed < from + count; seed++) {
    const report = await simulate(seed, settle);
    if (report.faults.length > 0) throw new Error(`seed ${seed}: ${report.faults[0]}`);
    simulatedMs += report.simulatedMs;
  }
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, hoursPerSecond: simulatedMs / 3_600_000 / seconds, seedsPerSecond: count / seconds };
}
