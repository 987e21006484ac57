import { Child } from "../lib/child.mjs";
import { contenders } from "../lib/contenders.mjs";
import { messageRun } from "./messages.mjs";

const load = { connections: 1, size: 256, bytes: 64 };
const largeLoad = { connections: 1, size: 32, bytes: 65_536 };
const largeName = "cryo + CALE, messages of 64 KiB";
const byHandName = "TCP and node:crypto by hand, messages of 64 KiB";
const byHand = { server: "sealed-server", client: "sealed-client" };
const sealsName = "node:crypto seals, 64 KiB";
const plainName = "cryo, messages of 64 B";
const sealedName = "cryo + CALE, messages of 64 B";
const ownName = "node:crypto, 64 B";

function alone(action, bytes) {
  return async ({ quick }) => {
    const child = await Child.start("crypto");
    try {
      await child.call(action, { durationMs: 300, bytes });
      return await child.call(action, { durationMs: quick ? 500 : 1500, bytes });
    } finally {
      await child.stop();
    }
  };
}

/**
 * What a session with CALE could reach: for each message either end seals one frame and opens one, so its time is that without CALE
 * and that of one pair of calls to `node:crypto`.
 */
const ceiling = {
  name: "the ceiling that the rate without CALE and node:crypto's own time allow",
  needs: [plainName, ownName],
  of: (round) => 1 / (1 / round(plainName).rate + 1 / round(ownName).rate),
};

/** Large messages, and the bytes of them that arrive. */
function largeRun(contender) {
  const run = messageRun(contender, largeLoad);
  return async (context) => {
    const result = await run(context);
    return { ...result, throughput: (result.rate * largeLoad.bytes) / 1e6 };
  };
}

export const cale = {
  name: "cale",
  title: "Seal and open: CALE, node:crypto and WebCrypto",
  rounds: { full: 3, quick: 3 },
  systems: {
    "CALE, 64 B": alone("cale", 64),
    [ownName]: alone("node", 64),
    "WebCrypto, 64 B": alone("web", 64),
    "CALE, 64 KiB": alone("cale", 65_536),
    "node:crypto, 64 KiB": alone("node", 65_536),
    "WebCrypto, 64 KiB": alone("web", 65_536),
    [plainName]: messageRun(contenders.cryo, load),
    [sealedName]: messageRun(contenders["cryo + CALE"], load),
    [sealsName]: alone("seal", 65_536),
    [largeName]: largeRun(contenders["cryo + CALE"]),
    [byHandName]: largeRun(byHand),
  },
  metrics: {
    rate: { label: "pairs or messages/s", digits: 0, chart: "bars" },
    throughput: { label: "MB/s", digits: 0 },
  },
  goals: [
    { metric: "rate", of: sealedName, against: ceiling, atLeast: 0.75 },
    { metric: "throughput", of: largeName, over: [sealsName], atLeast: 0.5 },
  ],
};
