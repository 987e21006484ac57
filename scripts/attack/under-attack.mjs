import { Child } from "../../bench/lib/child.mjs";

/** For how long the witness is watched while nothing happens, to compare with. */
const calmMs = 2000;
/** What the server may hold more than before: compiled code, pools of buffers. */
const leftBytesMax = 16 * 2 ** 20;
const answerMsMax = 50;

const moduleOf = (name) => new URL(name, import.meta.url).href;

/**
 * Attacks a server while a client goes on, each in a process of its own: the attacker is this one.
 *
 * @param {(field: {port: number, liveSid: bigint}) => Promise<readonly string[]>} run
 * @param {readonly string[]} endings how connections of the attacker may end
 * @returns what was measured, and what is wrong with it
 */
export async function underAttack(run, endings) {
  const server = await Child.start(moduleOf("server"));
  const witness = await Child.start(moduleOf("witness"));
  try {
    const { port } = await server.call("start");
    const { sid } = await witness.call("start", { port });
    await witness.call("beginWatching");
    await milliseconds(calmMs);
    const calm = await witness.call("endWatching");
    const before = await server.call("census");
    await witness.call("beginWatching");
    const startMs = performance.now();
    const ended = await run({ port, liveSid: BigInt(sid) });
    const seconds = (performance.now() - startMs) / 1000;
    const attacked = await witness.call("endWatching");
    const after = await settled(server, before);
    const problems = problemsOf({ ended, endings, attacked, before, after });
    await witness.call("leave");
    await server.call("finish");
    return { seconds, calm, attacked, before, after, ended: counted(ended), problems };
  } finally {
    await Promise.all([witness.stop(), server.stop()]);
  }
}

/** What the server holds once everybody but the witness has left it. */
async function settled(server, before) {
  for (let tries = 0; ; tries++) {
    const sessions = await server.call("sessions"); // before the census, which counts what they listen to
    const census = await server.call("census");
    const isSettled = sessions === 1 && census.handles === before.handles && census.heap - before.heap <= leftBytesMax;
    if (tries === 40 || isSettled) return { ...census, sessions };
    await milliseconds(500);
  }
}

function problemsOf({ ended, endings, attacked, before, after }) {
  const problems = [...counted(ended)]
    .filter(([ending]) => !endings.includes(ending))
    .map(([ending, count]) => `${count} connections ended with ${ending}`);
  if (attacked.p99 > answerMsMax) problems.push(`p99 of the other client is ${attacked.p99.toFixed(1)} ms`);
  if (after.sessions !== 1) problems.push(`${after.sessions - 1} sessions are left`);
  for (const what of ["handles", "timers", "listeners"]) {
    if (after[what] > before[what]) problems.push(`${what} went from ${before[what]} to ${after[what]}`);
  }
  const left = after.heap - before.heap;
  if (left > leftBytesMax) problems.push(`${(left / 2 ** 20).toFixed(1)} MiB are left`);
  return problems;
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function milliseconds(count) {
  return new Promise((done) => setTimeout(done, count));
}

/** Head of a Markdown table of such measurements. */
export const tableHead = [
  "| a peer that | times | seconds | its connections | another client, calm p99 | attacked p50 | p99 | max | heap before | after |",
  "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
].join("\n");

export function tableRow(does, times, { seconds, calm, attacked, before, after, ended }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const endings = [...ended].map(([ending, count]) => `${count} × ${ending}`).join(", ");
  const waits = [ms(calm.p99), ms(attacked.p50), ms(attacked.p99), ms(attacked.max)];
  return `| ${[does, times, seconds.toFixed(1), endings, ...waits, mib(before.heap), mib(after.heap)].join(" | ")} |`;
}
