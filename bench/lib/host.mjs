// The entry of every child process: loads one system and does what the parent asks, one action at a time.
//
//     node --expose-gc bench/lib/host.mjs <module>
//
// Each function that the module exports is an action; its argument and its result travel as JSON.

import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { collectGarbage } from "./host-memory.mjs";

/** How often the memory is looked at during a measurement, in milliseconds. */
const sampleEveryMs = 50;

const system = await import(pathToFileURL(resolve(process.argv[2])).href);
let measurement = null;

const actions = { ...system, beginMeasuring, endMeasuring };

process.on("message", async ({ id, action, argument }) => {
  try {
    process.send({ id, result: (await actions[action](argument)) ?? null });
  } catch (error) {
    process.send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
// Whatever became of the parent, no child stays behind.
process.on("disconnect", () => process.exit());
process.send({ ready: true });

/** From here on time and memory count. What warming up left behind does not. */
async function beginMeasuring({ profileTo }) {
  await collectGarbage();
  const rss = process.memoryUsage.rss();
  measurement = { rss, peakRss: rss, sampler: setInterval(sample, sampleEveryMs), profiler: null, profileTo };
  if (profileTo) {
    measurement.profiler = new Session();
    measurement.profiler.connect();
    await post("Profiler.enable");
    await post("Profiler.setSamplingInterval", { interval: 200 });
    await post("Profiler.start");
  }
  measurement.cpu = process.cpuUsage();
}

async function endMeasuring() {
  sample();
  clearInterval(measurement.sampler);
  const { user, system: kernel } = process.cpuUsage(measurement.cpu);
  if (measurement.profiler !== null) {
    const { profile } = await post("Profiler.stop");
    writeFileSync(measurement.profileTo, JSON.stringify(profile));
    measurement.profiler.disconnect();
  }
  const { rss, peakRss } = measurement;
  return { cpuSeconds: (user + kernel) / 1e6, rss, rssGrowth: peakRss - rss };
}

function sample() {
  measurement.peakRss = Math.max(measurement.peakRss, process.memoryUsage.rss());
}

function post(method, parameters) {
  return new Promise((done, failed) => {
    measurement.profiler.post(method, parameters, (error, result) => (error ? failed(error) : done(result)));
  });
}
