import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The functions in which a CPU profile spent most of its time, idle time left out.
 *
 * @returns {{share: number, where: string}[] | null} null if there is no such profile
 */
export function topFunctions(path, count = 25) {
  if (!existsSync(path)) return null;
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, "utf8"));
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    if (frame.functionName === "(idle)") continue;
    const where = describe(frame);
    times.set(where, (times.get(where) ?? 0) + timeDeltas[index]);
    total += timeDeltas[index];
  }
  return [...times]
    .map(([where, time]) => ({ where, share: time / total }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count);
}

function describe({ functionName, url, lineNumber }) {
  const name = functionName || "(anonymous)";
  if (url === "") return name;
  const file = url.startsWith("file:") ? relative(root, fileURLToPath(url)) : url;
  return `${name}  ${file.replace(/^.*node_modules\//, "")}:${lineNumber + 1}`;
}
