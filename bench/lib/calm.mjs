import { cpus } from "node:os";

/** Others may take this share of one core before a run counts as disturbed. */
export const noiseMax = 0.15;
const lookMs = 250;

/** CPU time of everything that ran on this machine so far. */
export function busySeconds() {
  const times = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return times.reduce((sum, time) => sum + time, 0) / 1000;
}

/** Waits until hardly anything else runs on the machine, or `patienceMs` are over; returns how long that took. */
export async function waitForCalm(patienceMs) {
  const begin = performance.now();
  for (let calm = 0; calm < 2 && performance.now() - begin < patienceMs; ) {
    const before = busySeconds();
    await new Promise((done) => setTimeout(done, lookMs));
    calm = ((busySeconds() - before) * 1000) / lookMs < noiseMax ? calm + 1 : 0;
  }
  return performance.now() - begin;
}

/** The share of one core that others took during a run. */
export function noiseOf({ othersCpuSeconds = 0, seconds = 1 }) {
  return othersCpuSeconds / seconds;
}
