// Runs the simulation of two sessions on a bad network outside the tests: one seed to see what it does, or many to search.

import { parseArgs } from "node:util";
import { simulate } from "camp-session/testing";

const help = `Usage: npm run simulate -- [options]

  --seed <number>  runs this seed alone and prints what it came to
  --from <number>  first seed of a search (default 1)
  --runs <number>  seeds to run (default 10000)
`;

/** Lets promises do what they still have to. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const { seed, from, runs } = readOptions();
if (seed === null) await search(from, runs);
else await replay(seed);

async function replay(seed) {
  const { faults, ...report } = await simulate(seed, settle);
  console.log(report);
  for (const fault of faults) console.log(`fault: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

async function search(from, runs) {
  const startMs = performance.now();
  let failed = 0;
  let simulatedMs = 0;
  let messages = 0;
  let resumes = 0;
  for (let seed = from; seed < from + runs; seed++) {
    const report = await simulate(seed, settle);
    simulatedMs += report.simulatedMs;
    messages += report.messages;
    resumes += report.resumes;
    if (report.faults.length === 0) continue;
    failed++;
    console.log(`seed ${seed}: ${report.faults[0]} (replay with: npm run simulate -- --seed ${seed})`);
  }
  const seconds = (performance.now() - startMs) / 1000;
  const hours = simulatedMs / 3_600_000;
  console.log(`${messages} messages, ${resumes} resumed connections, ${hours.toFixed(1)} simulated hours`);
  console.log(`${runs} seeds, ${failed} with faults, in ${seconds.toFixed(1)} s`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function readOptions() {
  try {
    const text = { type: "string" };
    const options = { seed: text, from: text, runs: text, help: { type: "boolean", short: "h" } };
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    return {
      seed: values.seed === undefined ? null : wholeNumber("--seed", values.seed),
      from: wholeNumber("--from", values.from ?? "1"),
      runs: wholeNumber("--runs", values.runs ?? "10000"),
    };
  } catch (error) {
    console.error(`simulate: ${error.message.split(". ")[0]}; --help lists the options`);
    process.exit(2);
  }
}

function wholeNumber(option, text) {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number, not "${text}"`);
}
