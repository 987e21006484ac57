import { Child } from "../lib/child.mjs";

async function simulation({ quick, profileTo }) {
  const child = await Child.start("simulation");
  try {
    await child.call("simulateSeeds", { from: 1, count: 50 });
    await child.call("beginMeasuring", { profileTo: profileTo && `${profileTo}-server.cpuprofile` });
    const result = await child.call("simulateSeeds", { from: 1000, count: quick ? 200 : 1000 });
    const { cpuSeconds } = await child.call("endMeasuring");
    return { ...result, cpuSeconds };
  } finally {
    await child.stop();
  }
}

export const simulated = {
  name: "simulation",
  title: "The simulation of two sessions on a bad network",
  rounds: { full: 2, quick: 2 },
  systems: { simulation: simulation },
  metrics: {
    hoursPerSecond: { label: "session-hours simulated/s", digits: 2 },
    seedsPerSecond: { label: "seeds/s", digits: 0 },
  },
  goals: [],
};
