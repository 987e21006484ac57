// The benchmark: each workload on each system, round by round, server and client in processes of their own.
//
//     npm run bench                          everything
//     npm run bench -- --quick               shorter runs, fewer rounds: for a first look
//     npm run bench -- --only messages,bulk
//     npm run bench -- --guard               fails when a hot path became notably slower
//     npm run bench -- --help

import { availableParallelism, loadavg } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { noiseMax, noiseOf, waitForCalm } from "./lib/calm.mjs";
import { guard } from "./lib/guard.mjs";
import { checkVersions, describeMachine } from "./lib/machine.mjs";
import { profilePath } from "./lib/pair.mjs";
import { topFunctions } from "./lib/profile.mjs";
import { Progress } from "./lib/progress.mjs";
import { judge, summarize, toText } from "./lib/report.mjs";
import { Results } from "./lib/results.mjs";
import { TemporaryFiles } from "./lib/temporary-file.mjs";
import { workloads } from "./workloads/index.mjs";

const resultsFolder = fileURLToPath(new URL("results/", import.meta.url));

/** How often a run is made at most when other processes disturb it, or when it fails. */
const attemptsMax = 4;

const help = `npm run bench -- [options]

  --quick             shorter runs and fewer rounds
  --only NAMES        only these, separated by commas; a beginning of names stands for all that begin so:
                      ${workloads.map(({ name }) => name).join(", ")}
  --system TEXT       only systems whose names contain TEXT; goals that need others are left out
  --rounds NUMBER     runs of each system
  --patience SECONDS  how long all of it may wait for other processes to be quiet, and repeat runs that they disturbed;
                      default 300
  --profile           one round in which the CPU profiles of both processes are kept; figures are then not to be trusted
  --guard             compares the hot paths with a loop that never changes; fails when one became notably slower
  --help              this

Results go to a folder of their own in bench/results/: Markdown, JSON and charts.`;

const options = readOptions();
if (options?.guard) process.exitCode = await guard();
else if (options !== null) await main(options);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        system: { type: "string", default: "" },
        rounds: { type: "string" },
        patience: { type: "string", default: "300" },
        profile: { type: "boolean", default: false },
        guard: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return null;
    }
    const names = values.only?.split(",").map((name) => name.trim()) ?? [""];
    const begins = (name) => names.some((beginning) => name.startsWith(beginning));
    const unknown = names.filter((beginning) => !workloads.some(({ name }) => name.startsWith(beginning)));
    if (unknown.length > 0) throw new Error(`no workload is called ${unknown.join(", ")}`);
    const rounds = values.rounds === undefined ? undefined : wholeNumber("--rounds", values.rounds, 1);
    const patience = wholeNumber("--patience", values.patience, 0);
    return { ...values, rounds, patience, chosen: workloads.filter(({ name }) => begins(name)) };
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exitCode = 2;
    return null;
  }
}

function wholeNumber(option, text, min) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < min) throw new Error(`${option} takes a whole number from ${min} on`);
  return number;
}

async function main({ quick, profile, system, rounds: asked, patience, chosen }) {
  checkVersions();
  const machine = describeMachine();
  console.log(`${machine.cores} × ${machine.cpu}, Node ${machine.node}, ws ${machine.ws}`);
  if (loadavg()[0] > availableParallelism() / 4) {
    console.log(`The machine is busy (load ${machine.loadBefore[0]}): take the figures with care.`);
  }
  // Interrupted or not, the temporary files go.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const folder = `${machine.date.replaceAll(/[:.]/g, "-")}${quick ? "-quick" : ""}${profile ? "-profile" : ""}`;
  const results = new Results(join(resultsFolder, folder));
  const plans = chosen
    .map((workload) => ({
      workload: narrowed(workload, system),
      rounds: roundsOf(workload, { quick, profile, asked }),
    }))
    .filter(({ workload }) => Object.keys(workload.systems).length > 0);
  const progress = new Progress(plans);
  const context = { quick, profileTo: profile && results.folder, files: new TemporaryFiles(), progress };
  context.patience = { leftMs: patience * 1000 };
  const reports = [];
  for (const { workload, rounds } of plans) {
    const runs = await runAll(workload, rounds, context).catch((error) => failed(workload, error));
    if (runs === null) continue;
    reports.push({
      ...{ name: workload.name, title: workload.title, about: workload.about, rounds, metrics: workload.metrics },
      ...{ summary: summarize(workload, runs), goals: judge(workload, runs), runs },
    });
    console.log(`\n${toText(reports.at(-1))}`);
    results.save({ machine, options: { quick, profile, system, rounds: asked }, workloads: reports });
  }
  console.log(`Written to ${relative("", results.folder)}`);
}

/** A workload that cannot be measured is left out, and costs the others nothing. */
function failed({ name }, error) {
  console.error(`${name} is left out: ${error.message}`);
  process.exitCode = 1;
  return null;
}

function roundsOf({ rounds }, { quick, profile, asked }) {
  if (profile) return 1;
  return asked ?? (quick ? rounds.quick : rounds.full);
}

/** The workload with only those of its systems that were asked for. */
function narrowed(workload, part) {
  const systems = Object.entries(workload.systems).filter(([name]) => name.includes(part));
  const has = (name) => name === undefined || systems.some(([other]) => other === name);
  const goals = workload.goals.filter(({ of, over = [], above, against }) =>
    [of, above, ...over, ...(against?.needs ?? [])].every(has),
  );
  return { ...workload, systems: Object.fromEntries(systems), goals };
}

/** Every system once per round. Each second round goes the other way round, so that none always runs after the same one. */
async function runAll(workload, rounds, { quick, profileTo, files, progress, patience }) {
  const runs = Object.fromEntries(Object.keys(workload.systems).map((system) => [system, []]));
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
      const where = `${workload.name} ${round + 1}/${rounds}`;
      console.log(`${progress.step()} ${where}  ${system}: ${shortly(workload, result)}`);
      if (profile !== undefined) printProfiles(profile);
    }
  }
  return runs;
}

/** Runs when the machine is calm, and again while others disturbed it, a few times at most; the calmest run counts. */
async function calmly(run, patience) {
  let calmest = null;
  let failure;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    patience.leftMs -= await waitForCalm(Math.min(patience.leftMs, 20_000));
    const begin = performance.now();
    const result = await run().catch((error) => {
      failure = error;
      console.log(`  failed: ${error.message}`);
    });
    if (result === undefined) continue;
    if (calmest === null || noiseOf(result) < noiseOf(calmest)) calmest = result;
    if (noiseOf(calmest) <= noiseMax || patience.leftMs <= 0) break;
    console.log(`  disturbed: other processes took ${(100 * noiseOf(result)).toFixed(0)} % of a core`);
    patience.leftMs -= performance.now() - begin;
  }
  if (calmest === null) throw failure;
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
