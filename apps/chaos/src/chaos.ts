import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "camp-session/testing";
import { Conversation, type Tally } from "./conversation.js";
import { type Ends, meet } from "./ends.js";
import type { FaultCounts, FaultyNetwork } from "./faulty-network.js";
import { tearStream } from "./torn-stream.js";

/** What a run came to. */
export interface ChaosReport {
  readonly up: Tally;
  readonly down: Tally;
  readonly faults: FaultCounts;
  readonly resumes: number;
  /** Sessions that had to begin anew; none, as long as no cut outlasts the window. */
  readonly anew: number;
}

/** How many messages went wrong: the one figure that must be zero. */
export function wrong({ up, down }: ChaosReport): number {
  return [up, down].reduce((sum, { lost, duplicated, reordered, unknown }) => {
    return sum + lost + duplicated + reordered + unknown;
  }, 0);
}

/** Lets two ends talk for a while over a network that does its worst. */
export async function runChaos(durationMs: number, seed: number): Promise<ChaosReport> {
  const random = new Random(seed);
  const ends = await meet();
  const { network, client, session, life } = ends;
  const up = new Conversation(random, client, session);
  const down = new Conversation(random, session, client);
  const talks = [up.talk(), down.talk()];
  for (const endMs = performance.now() + durationMs; performance.now() < endMs; ) {
    await sleep(random.integer(20, 250));
    strike(network, random);
  }
  up.stop();
  down.stop();
  await Promise.all(talks);
  const report = {
    ...{ up: up.tally(), down: down.tally(), faults: network.counts },
    ...{ resumes: life.resumes, anew: life.anew + life.sessions - 1 },
  };
  await ends.close();
  return report;
}

/** Sends `bytes` up through `cuts` cuts, and the same down. */
export async function runTornStream(
  bytes: number,
  cuts: number,
): Promise<{ whole: boolean; cuts: number; anew: number }> {
  const ends = await meet();
  const up = await tear(ends, bytes, cuts, "up");
  const down = await tear(ends, bytes, cuts, "down");
  await ends.close();
  const { life } = ends;
  return { whole: up.whole && down.whole, cuts: up.cuts + down.cuts, anew: life.anew + life.sessions - 1 };
}

function tear({ client, session, network }: Ends, bytes: number, cuts: number, direction: "up" | "down") {
  const [from, to] = direction === "up" ? [client, session] : [session, client];
  return tearStream(from, to, bytes, cuts, () => network.cut());
}

function strike(network: FaultyNetwork, random: Random): void {
  const kind = random.integer(0, 99);
  if (kind < 45) network.cut();
  else if (kind < 75) network.truncateAfter(random.integer(1, 5000));
  else if (kind < 90) network.throttle(random.integer(50, 400));
  else if (kind < 98) network.stall(random.integer(50, 700));
  // Longer than a heartbeat allows: both ends miss each other without having been told.
  else network.stall(4000);
}
