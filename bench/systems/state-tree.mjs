// A state tree that grows on one row: what a node costs in time and memory.

import { h, stree } from "state-tree";

const count = (_core, { bytes }) => [{ messages: 1, bytes }];

const kinds = {
  numbers: { first: [-1, 0], next: (index) => index },
  objects: { first: [{ messages: 0, bytes: 0 }], next: (bytes) => ({ messages: 1, bytes, kind: "receive" }) },
  messages: { first: [h(count), { messages: 0, bytes: 0 }], next: (bytes) => ({ handler: "count", bytes }) },
};

export async function grow({ values, nodes }) {
  const { first, next } = kinds[values];
  const before = await liveBytes();
  const tree = stree(first);
  const begin = performance.now();
  for (let index = 0; index < nodes; index++) tree.add(next(index));
  const seconds = ((performance.now() - begin) / 1000) * (1e6 / nodes);
  const bytes = ((await liveBytes()) - before) / nodes;
  const residueMicros = timed(() => tree.residue(tree.branches[0]), 100_000);
  tree.compact();
  const compactedBytes = ((await liveBytes()) - before) / nodes;
  return { operations: nodes, seconds, bytes, residueMicros, compactedBytes, leaf: tree.branches[0].index };
}

function timed(question, times) {
  const begin = performance.now();
  for (let index = 0; index < times; index++) question();
  return ((performance.now() - begin) * 1000) / times;
}

/** What is reachable; a second collection takes what the first one let go. */
async function liveBytes() {
  globalThis.gc();
  await new Promise(setImmediate);
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
