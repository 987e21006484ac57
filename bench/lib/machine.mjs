import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, loadavg, release, totalmem, type } from "node:os";

/** Where the figures come from. */
export function describeMachine() {
  const { version: ws } = createRequire(import.meta.url)("ws/package.json");
  const { version: ours } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    ws,
    camp: ours,
    loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
  };
}
