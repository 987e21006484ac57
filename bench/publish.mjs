// Rewrites the figures of docs/performance.md from results of the benchmark, and copies their charts.
//
//     node bench/publish.mjs               the newest whole run in bench/results/ that was not a quick one
//     node bench/publish.mjs FOLDER ...    these: what a later one measured takes the place of what an earlier one did

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toMarkdown } from "./lib/report.mjs";
import { workloads } from "./workloads/index.mjs";

const results = fileURLToPath(new URL("results/", import.meta.url));
const page = fileURLToPath(new URL("../docs/performance.md", import.meta.url));
const chartsFolder = fileURLToPath(new URL("../docs/performance/", import.meta.url));

/** What is rewritten lies between these lines. */
const begin = "## Figures\n";
const end = "### What is not reached";

try {
  const folders = process.argv.length > 2 ? process.argv.slice(2) : [newest()];
  publish(folders.map(load));
  console.log(`docs/performance.md has the figures of ${folders.join(", ")}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function newest() {
  const whole = (folder) => missing([load(folder)]).length === 0;
  const folders = existsSync(results) ? readdirSync(results).map((name) => join(results, name)) : [];
  const found = folders
    .filter((folder) => !/-(quick|profile)$/.test(folder) && existsSync(join(folder, "figures.json")))
    .sort()
    .findLast(whole);
  if (found === undefined) throw new Error("bench/results has no whole run: npm run bench, or name folders");
  return found;
}

function load(folder) {
  return { folder, ...JSON.parse(readFileSync(join(folder, "figures.json"), "utf8")) };
}

function missing(runs) {
  return workloads.filter(({ name }) => !runs.some((run) => run.workloads.some((report) => report.name === name)));
}

function publish(runs) {
  const without = missing(runs);
  if (without.length > 0) throw new Error(`no figures of ${without.map(({ name }) => name).join(", ")}`);
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`docs/performance.md has no "${begin.trim()}" before "${end}"`);
  const shown = workloads.map(({ name }) => latest(runs, name));
  rmSync(chartsFolder, { recursive: true, force: true });
  mkdirSync(chartsFolder);
  for (const { folder, report } of shown) {
    for (const chart of report.charts) copyFileSync(join(folder, chart), join(chartsFolder, chart));
  }
  const parts = shown.map(({ report }) =>
    toMarkdown(report, { heading: "###", charts: report.charts.map((chart) => `performance/${chart}`) }),
  );
  writeFileSync(page, `${text.slice(0, from)}\n${runs.map(origin).join(" ")}\n\n${parts.join("")}${text.slice(to)}`);
}

function latest(runs, name) {
  const run = runs.findLast((run) => run.workloads.some((report) => report.name === name));
  return { folder: run.folder, report: run.workloads.find((report) => report.name === name) };
}

/** Where figures come from. */
function origin({ machine, options, workloads: reports }, index) {
  const { date, cores, cpu, memoryGib, system, node, ws, aedes, mqtt } = machine;
  const where = `${cores} cores of ${cpu}, ${memoryGib} GiB, ${system}, Node ${node}`;
  const others = `ws ${ws}, socket.io ${machine["socket.io"]}, aedes ${aedes}, mqtt ${mqtt}`;
  const again = reports.map(({ title }) => title).join("; ");
  const day = date.slice(0, 10);
  const what =
    index === 0 ? `Measured on ${day} on ${where}; ${others}.` : `Measured again on ${day} on ${where}: ${again}.`;
  return options.quick ? `${what} These are runs of \`--quick\`: take them as orders of magnitude.` : what;
}
