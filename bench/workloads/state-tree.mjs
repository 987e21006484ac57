import { Child } from "../lib/child.mjs";

function system(values) {
  return async ({ quick, profileTo }) => {
    const child = await Child.start("state-tree");
    try {
      await child.call("grow", { values, nodes: 50_000 });
      await child.call("beginMeasuring", { profileTo: profileTo && `${profileTo}-server.cpuprofile` });
      const result = await child.call("grow", { values, nodes: quick ? 200_000 : 1_000_000 });
      await child.call("endMeasuring");
      return result;
    } finally {
      await child.stop();
    }
  };
}

export const stateTree = {
  name: "state-tree",
  title: "A tree that grows on one row",
  rounds: { full: 5, quick: 2 },
  systems: {
    numbers: system("numbers"),
    objects: system("objects"),
    messages: system("messages"),
  },
  metrics: {
    seconds: { label: "s for a million adds", digits: 2 },
    bytes: { label: "bytes a node", digits: 0 },
    residueMicros: { label: "µs for the residue of the leaf", digits: 2 },
    compactedBytes: { label: "bytes a node when compacted", digits: 0 },
  },
  goals: ["numbers", "objects", "messages"].flatMap((of) => [
    { metric: "seconds", of, atMost: 2 },
    { metric: "bytes", of, atMost: 400 },
  ]),
};
