// A client that means no harm: how long it waits for its answers, measured in a process of its own.

import { latencies } from "../../bench/lib/stats.mjs";
import { Witness } from "../../packages/conformance/dist/wire/hostile/witness.js";

/** Between two echoes, so that the witness itself is no load. */
const pauseMs = 2;

let witness;
let watching;

export async function start({ port }) {
  witness = await Witness.connect(port);
  return { sid: String(witness.sid) };
}

export function beginWatching() {
  watching = { over: false, samples: [] };
  watching.done = watch(watching);
}

/** Fails if the witness was not answered, or was closed. */
export async function endWatching() {
  watching.over = true;
  await watching.done;
  return latencies(watching.samples);
}

export const leave = () => witness.leave();

async function watch(state) {
  while (!state.over) {
    const sentMs = performance.now();
    await witness.echo();
    state.samples.push(performance.now() - sentMs);
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}
