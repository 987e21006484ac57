// What a process holds, counted, so that what it never gives back shows.

import { readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { collectGarbage } from "./host-memory.mjs";

/** @param {Iterable<import("node:events").EventEmitter>} emitters whose listeners are counted */
export async function census(emitters) {
  await collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  let listeners = listenersOf(process);
  for (const emitter of emitters) listeners += listenersOf(emitter);
  return {
    heap: heapUsed + external,
    rss,
    timers: resources.filter((name) => name === "Timeout" || name === "Immediate").length,
    handles: resources.filter((name) => name !== "Timeout" && name !== "Immediate").length,
    listeners,
    files: temporaryFiles(),
  };
}

function listenersOf(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

/** Temporary files that have a name, and where the system tells, those that are only held open. */
function temporaryFiles() {
  const folder = tmpdir();
  const named = readdirSync(folder).length;
  if (process.platform !== "linux") return named;
  const open = readdirSync("/proc/self/fd").filter((descriptor) => pathOf(descriptor).startsWith(`${folder}/`));
  return named + open.length;
}

/** The descriptor with which the folder was read is closed by now. */
function pathOf(descriptor) {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}
