import { Child } from "./child.mjs";

/**
 * What the hot paths came to when they were last made faster or knowingly slower, and what they may come to. Ratios are against a
 * loop that never changes, in the same process; they move by some percent from one machine or Node version to another. The other
 * figures hardly move at all.
 */
const guarded = [
  { action: "codecRatio", what: "encode + decode 64 B / reference loop", last: 0.55, slack: 1.25, digits: 3 },
  {
    action: "messagesRatio",
    what: "acknowledged message between two engines / reference loop",
    last: 4.9,
    slack: 1.25,
    digits: 2,
  },
  {
    action: "bytesPerMessage",
    what: "heap bytes per acknowledged message, both ends",
    last: 1610,
    slack: 1.1,
    digits: 0,
  },
  { action: "writesPerThousand", what: "socket writes per 1000 messages, both ends", last: 36, slack: 1.25, digits: 0 },
];

/** Room for all that is allocated while allocations are counted. */
const execArgv = ["--max-semi-space-size=128", "--min-semi-space-size=128"];
/** A figure over its limit is measured again: chance does not repeat itself. */
const attemptsMax = 3;

/** Measures what is guarded and prints it. @returns {Promise<number>} the exit code: 1 when something became notably slower */
export async function guard() {
  let failed = 0;
  for (const { action, what, last, slack, digits } of guarded) {
    const limit = last * slack;
    let value = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < attemptsMax && value > limit; attempt++) {
      value = Math.min(value, await measured(action));
    }
    const verdict = value <= limit ? "holds " : "SLOWER";
    if (value > limit) failed++;
    console.log(`${verdict}  ${what}: ${value.toFixed(digits)}, at most ${limit.toFixed(digits)} (was ${last})`);
  }
  return failed === 0 ? 0 : 1;
}

async function measured(action) {
  const child = await Child.start("guarded", { execArgv });
  try {
    return await child.call(action);
  } finally {
    await child.stop();
  }
}
