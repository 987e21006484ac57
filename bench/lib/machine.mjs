import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";

const compared = ["ws", "socket.io", "socket.io-client", "aedes", "mqtt"];

/** Where the figures come from. */
export function describeMachine() {
  const { version: ours } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    camp: ours,
    ...Object.fromEntries(compared.map((name) => [name, versionOf(name, import.meta.url)])),
    loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

/** Ours runs on the `ws` of its own packages; the same is installed beside the other systems, or nothing would be compared. */
export function checkVersions() {
  const ours = versionOf("ws", new URL("../../packages/camp-runtime/package.json", import.meta.url));
  const theirs = versionOf("ws", import.meta.url);
  if (ours !== theirs)
    throw new Error(`ours would run on ws ${ours}, the others on ${theirs}: bring the lock files together`);
}

function versionOf(name, from) {
  const manifests = createRequire(from)
    .resolve.paths(name)
    .map((folder) => join(folder, name, "package.json"));
  return JSON.parse(
    readFileSync(
      manifests.find((path) => existsSync(path)),
      "utf8",
    ),
  ).version;
}
