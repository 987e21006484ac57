import { median } from "./stats.mjs";

/**
 * What a process holds may grow by this from the first third of the soak to the last, and be more than at its start by this. Of what
 * is under way in one moment and over in the next the least of the last third is compared with the most of the first: a leak raises
 * both, a machine with other work only some.
 */
const allowed = {
  heap: { share: 0.05, more: 8 * 2 ** 20 },
  rss: { share: 0.1, more: 32 * 2 ** 20 },
  timers: { share: 0.02, more: 20, underWay: true },
  handles: { share: 0.02, more: 20 },
  listeners: { share: 0.02, more: 100 },
  files: { share: 0, more: 20, underWay: true },
};

/**
 * What grew. The first fifth of the rows is not judged: caches fill up and code is compiled.
 *
 * @param {object[]} rows of one process, in order of time
 * @returns {string[]}
 */
export function growthOf(process, rows) {
  const settled = rows.slice(Math.ceil(rows.length / 5));
  const third = Math.max(1, Math.floor(settled.length / 3));
  return Object.entries(allowed).flatMap(([what, { share, more, underWay = false }]) => {
    const firstThird = settled.slice(0, third).map((row) => row[what]);
    const lastThird = settled.slice(-third).map((row) => row[what]);
    const early = underWay ? Math.max(...firstThird) : median(firstThird);
    const late = underWay ? Math.min(...lastThird) : median(lastThird);
    return late <= early * (1 + share) + more ? [] : [`${process}: ${what} grew from ${early} to ${late}`];
  });
}

/**
 * What is left of a process whose sessions have all ended, compared with what it held before them. What cannot be counted
 * exactly, memory, may be a little more; everything else may not.
 */
export function leftoversOf(process, before, after) {
  const more = { heap: allowed.heap.more, rss: Number.POSITIVE_INFINITY };
  return Object.keys(allowed)
    .filter((what) => after[what] > before[what] + (more[what] ?? 0))
    .map((what) => `${process}: ${what} went from ${before[what]} to ${after[what]} and did not come back`);
}
