// The soak: many sessions with mixed traffic for a long time, and nothing grows.
//
//     npm run soak                    2000 sessions for 20 minutes
//     npm run soak -- --minutes 2 --sessions 500

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Child } from "./lib/child.mjs";
import { SoakTable } from "./lib/soak-table.mjs";
import { growthOf, leftoversOf } from "./lib/soak-verdict.mjs";

const help = `npm run soak -- [options]

  --minutes NUMBER   how long the traffic lasts; default 20
  --sessions NUMBER  sessions at a time; default 2000
  --seed NUMBER      of the traffic; default 1
  --help             this

Prints what both processes hold, again and again, and fails if anything grows, if anything is left once the sessions
have ended, or if a message or stream went wrong.`;

const rowsMax = 40;
/** Mean time between two things that a session does. */
const secondsBetweenActions = 4;
/** Mean time for which a connection lives. */
const secondsBetweenCuts = 120;
/** Sessions and time of the rehearsal, after which all code is loaded: what a process holds then is its base. */
const rehearsal = { clients: 50, seconds: 5 };

const options = readOptions();
if (options !== null) process.exitCode = await soak(options);

async function soak({ minutes, sessions, seed }) {
  const folder = mkdtempSync(join(tmpdir(), "camp-soak-"));
  const env = { TMPDIR: folder };
  const server = await Child.start("soak-server", { env });
  const clients = await Child.start("soak-clients", { env });
  const processes = { server, clients };
  try {
    const { port } = await server.call("start", { secondsBetweenCuts, seed });
    await run(clients, { port, clients: rehearsal.clients, seed }, () => seconds(rehearsal.seconds));
    await emptied(server);
    const base = await censusOf(processes);
    const rows = [];
    const table = new SoakTable(Object.keys(processes));
    table.print("base", base);
    await run(clients, { port, clients: sessions, seed: seed + 1 }, async () => {
      const rowCount = Math.min(rowsMax, Math.ceil(minutes * 6));
      const startMs = performance.now();
      for (let row = 1; row <= rowCount; row++) {
        await seconds(Math.max(0, (minutes * 60 * row) / rowCount - (performance.now() - startMs) / 1000));
        rows.push(await censusOf(processes));
        table.print(((performance.now() - startMs) / 60_000).toFixed(1), rows.at(-1));
      }
    });
    await emptied(server);
    const end = await censusOf(processes);
    table.print("end", end);
    const reports = { server: await server.call("report"), clients: await clients.call("report") };
    await server.call("finish");
    return conclude(rows, base, end, reports);
  } finally {
    await Promise.all([clients.stop(), server.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Has clients do their things while something else happens. */
async function run(clients, { clients: count, ...options }, meanwhile) {
  await clients.call("start", { ...options, clients: count, actionsPerSecond: count / secondsBetweenActions });
  await meanwhile();
  await clients.call("stop");
}

/** Waits until the server has noticed that everybody left. */
async function emptied(server) {
  for (let waited = 0; (await server.call("report")).sessions > 0 && waited < 60; waited++) await seconds(1);
}

async function censusOf({ server, clients }) {
  const [atServer, atClients] = await Promise.all([server.call("census"), clients.call("census")]);
  return { server: atServer, clients: atClients };
}

function conclude(rows, base, end, reports) {
  const problems = Object.keys(base).flatMap((process) => [
    ...growthOf(
      process,
      rows.map((row) => row[process]),
    ),
    ...leftoversOf(process, base[process], end[process]),
    ...reports[process].faults.map((fault) => `${process}: ${fault}`),
  ]);
  for (const [process, { counts }] of Object.entries(reports)) console.log(`${process}: ${countsText(counts)}`);
  for (const problem of problems) console.log(`problem: ${problem}`);
  console.log(problems.length === 0 ? "nothing grew, nothing is left, nothing went wrong" : "the soak has failed");
  return problems.length === 0 ? 0 : 1;
}

function countsText(counts) {
  const names = Object.keys(counts).sort();
  return names.map((name) => `${counts[name]} ${name}`).join(", ");
}

function seconds(count) {
  return new Promise((done) => setTimeout(done, count * 1000));
}

function readOptions() {
  try {
    const text = { type: "string" };
    const known = { minutes: text, sessions: text, seed: text, help: { type: "boolean", short: "h" } };
    const { values } = parseArgs({ options: known });
    if (values.help) {
      console.log(help);
      return null;
    }
    return {
      minutes: positive("--minutes", values.minutes ?? "20"),
      sessions: positive("--sessions", values.sessions ?? "2000"),
      seed: positive("--seed", values.seed ?? "1"),
    };
  } catch (error) {
    console.error(`soak: ${error.message.split(". ")[0]}; --help lists the options`);
    process.exitCode = 2;
    return null;
  }
}

function positive(option, text) {
  if (Number(text) > 0) return Number(text);
  throw new Error(`${option} must be a number above 0, not "${text}"`);
}
