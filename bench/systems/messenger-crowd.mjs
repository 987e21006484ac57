// Many registered identities in one process that write to each other.

import { randomBytes } from "node:crypto";
import { createIdentity } from "messenger/protocol";
import { Member } from "../lib/messenger-member.mjs";
import { latencies } from "../lib/stats.mjs";
import { storm } from "../lib/storm.mjs";
import { rateOf } from "../lib/window.mjs";

const identities = [];
const members = [];

/** Keys are made before anything is measured. */
export async function makeIdentities({ count }) {
  for (let made = 0; made < count; made++) identities.push(await createIdentity(true));
}

/** Registers so many of them; they stay connected. */
export function register({ port, count, atOnce }) {
  return storm({ count, atOnce }, async () => {
    const member = new Member(identities.pop());
    await member.register(port);
    members.push(member);
  });
}

/** The last `count` go off line: what is written to them waits on the server. */
export async function leave({ count }) {
  await Promise.all(members.slice(-count).map((member) => member.leave()));
}

/**
 * Each of the first `writers` writes so many messages, `inFlight` at a time, to one of the last `readers`. Ends when the server has accepted
 * all of them and, where `arrive` says so, all have reached whom they are for. Latencies are those until a message is accepted.
 *
 * @param {{writers: number, readers: number, each: number, inFlight: number, arrive: boolean}} load
 */
export async function relay({ writers, readers, each, inFlight, arrive }) {
  const total = writers * each;
  const arrival = arrivalOf(total);
  const samples = [];
  const write = async (writer) => {
    const to = members[members.length - 1 - (writer % readers)].identity.fingerprint;
    for (let written = 0; written < each / inFlight; written++) {
      const from = performance.now();
      await members[writer].write(randomBytes(16).toString("base64url"), to);
      samples.push(performance.now() - from);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: writers * inFlight }, (_, index) => write(index % writers)));
  if (arrive) await arrival;
  return { ...latencies(samples), ...rateOf(total, begin) };
}

/** Resolves when so many have arrived, wherever. */
function arrivalOf(total) {
  return new Promise((resolve) => {
    let left = total;
    const arrived = () => {
      if (--left === 0) resolve();
    };
    for (const member of members) member.arrived = arrived;
  });
}
