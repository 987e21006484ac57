// The benchmark: each workload on each system, round by round, server and client in processes of their own.
//
//     npm run bench                          everything
//     npm run bench -- --quick               shorter runs, fewer rounds: for a first look
//     npm run bench -- --only messages,bulk
//     npm run bench -- --help

import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { noiseMax, noiseOf, waitForCalm } from "./lib/calm.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { profilePath } from "./lib/pair.mjs";
import { topFunctions } from "./lib/profile.mjs";
import { judge, summarize, toMarkdown, toText } from "./lib/report.mjs";
import { TemporaryFiles } from "./lib/temporary-file.mjs";
import { bulk } from "./workloads/bulk.mjs";
import { engine } from "./workloads/engine.mjs";
import { heartbeat } from "./workloads/heartbeat.mjs";
import { idle } from "./workloads/idle.mjs";
import { latency } from "./workloads/latency.mjs";
import { messages } from "./workloads/messages.mjs";

const workloads = [messages, bulk, latency, idle, heartbeat, engine];
const resultsFolder = fileURLToPath(new URL("results/", import.meta.url));

/** How often a run is made at most when other processes disturb it, and how long all of it may wait for them. */
const attemptsMax = 4;
const patienceMs = 300_000;

const help = `npm run bench -- [options]

  --quick           shorter runs and fewer rounds
  --only NAMES      only these, separated by commas: ${workloads.map(({ name }) => name).join(", ")}
  --system TEXT     only systems whose names contain TEXT; goals that need others are left out
  --rounds NUMBER   runs of each system
  --profile         one round in which the CPU profiles of both processes are kept; figures are then not to be trusted
  --help            this

Results go to bench/results/ as Markdown and JSON.`;

const options = readOptions();
if (options !== null) await main(options);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        system: { type: "string", default: "" },
        rounds: { type: "string" },
        profile: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return null;
    }
    const names = values.only?.split(",").map((name) => name.trim());
    const unknown = names?.filter((name) => !workloads.some((workload) => workload.name === name)) ?? [];
    if (unknown.length > 0) throw new Error(`no workload is called ${unknown.join(", ")}`);
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds takes a number");
    return { ...values, rounds, chosen: workloads.filter(({ name }) => names?.includes(name) ?? true) };
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exitCode = 2;
    return null;
  }
}

async function main({ quick, profile, system, rounds: asked, chosen }) {
  const machine = describeMachine();
  console.log(`${machine.cores} × ${machine.cpu}, Node ${machine.node}, ws ${machine.ws}`);
  if (loadavg()[0] > availableParallelism() / 4) {
    console.log(`The machine is busy (load ${machine.loadBefore[0]}): take the figures with care.`);
  }
  mkdirSync(resultsFolder, { recursive: true });
  // Interrupted or not, the temporary files go.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const files = new TemporaryFiles();
  const name = `${machine.date.replaceAll(/[:.]/g, "-")}${quick ? "-quick" : ""}${profile ? "-profile" : ""}`;
  const reports = [];
  for (const workload of chosen.map((whole) => narrowed(whole, system))) {
    const rounds = profile ? 1 : (asked ?? (quick ? workload.rounds.quick : workload.rounds.full));
    const runs = await runAll(workload, { quick, rounds, profileTo: profile && join(resultsFolder, name), files });
    reports.push({
      ...{ name: workload.name, title: workload.title, rounds, metrics: workload.metrics },
      ...{ summary: summarize(workload, runs), goals: judge(workload, runs), runs },
    });
    console.log(`\n${toText(reports.at(-1))}`);
    save(name, { machine, options: { quick, profile, system, rounds: asked }, workloads: reports });
  }
  console.log(`Written to ${relative("", join(resultsFolder, name))}.md and .json`);
}

/** The workload with only those of its systems that were asked for. */
function narrowed(workload, part) {
  const systems = Object.entries(workload.systems).filter(([name]) => name.includes(part));
  const has = (name) => name === undefined || systems.some(([other]) => other === name);
  const goals = workload.goals.filter(({ of, over = [], above }) => [of, above, ...over].every(has));
  return { ...workload, systems: Object.fromEntries(systems), goals };
}

/** Every system once per round. Each second round goes the other way round, so that none always runs after the same one. */
async function runAll(workload, { quick, rounds, profileTo, files }) {
  const runs = Object.fromEntries(Object.keys(workload.systems).map((system) => [system, []]));
  const patience = { leftMs: patienceMs };
  for (let round = 0; round < rounds; round++) {
    const order = Object.entries(workload.systems);
    if (round % 2 === 1) order.reverse();
    for (const [system, run] of order) {
      const profile = profileTo ? profilePath(profileTo, `${workload.name}-${system}`) : undefined;
      const result = await calmly(
        () => run({ quick, profileTo: profile, file: (bytes) => files.get(bytes) }),
        patience,
      );
      runs[system].push(result);
      console.log(`${workload.name} ${round + 1}/${rounds}  ${system}: ${shortly(workload, result)}`);
      if (profile !== undefined) printProfiles(profile);
    }
  }
  return runs;
}

/** Runs when the machine is calm, and again while others disturbed it, a few times at most; the calmest run counts. */
async function calmly(run, patience) {
  let calmest = null;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    patience.leftMs -= await waitForCalm(Math.min(patience.leftMs, 20_000));
    const result = await run();
    if (calmest === null || noiseOf(result) < noiseOf(calmest)) calmest = result;
    if (noiseOf(calmest) <= noiseMax) break;
    console.log(`  disturbed: other processes took ${(100 * noiseOf(result)).toFixed(0)} % of a core`);
    if (patience.leftMs <= 0) break;
  }
  return calmest;
}

function shortly({ metrics }, result) {
  return Object.entries(metrics)
    .map(([metric, { label, digits }]) => `${(result[metric] ?? 0).toFixed(digits)} ${label}`)
    .join(", ");
}

function printProfiles(path) {
  for (const role of ["server", "client"]) {
    const top = topFunctions(`${path}-${role}.cpuprofile`);
    if (top === null) continue;
    console.log(`  ${role}:`);
    for (const { share, where } of top) console.log(`    ${(share * 100).toFixed(1).padStart(5)} %  ${where}`);
  }
}

function save(name, report) {
  const { machine, options, workloads } = report;
  const about = Object.entries({ ...machine, options: JSON.stringify(options) }).map(
    ([key, value]) => `- ${key}: ${value}`,
  );
  const markdown = ["# Figures", "", ...about, "", ...workloads.map(toMarkdown)].join("\n");
  writeFileSync(join(resultsFolder, `${name}.md`), markdown);
  writeFileSync(join(resultsFolder, `${name}.json`), JSON.stringify(report, null, 2));
}
