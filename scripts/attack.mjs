// Attacks a server in every way that the tests know, harder, and measures how long another client waits meanwhile.
//
//     npm run attack
//     npm run attack -- --only streams

import { parseArgs } from "node:util";
import { attacks } from "../packages/conformance/dist/wire/hostile/attacks.js";
import { tableHead, tableRow, underAttack } from "./attack/under-attack.mjs";

const help = `npm run attack -- [options]

  --only TEXT  only attacks whose description contains TEXT
  --help       this

The descriptions:
${attacks.map(({ does }) => `  ${does}`).join("\n")}`;

const only = readOptions();
if (only !== null) {
  const problems = [];
  console.log(tableHead);
  for (const { does, strength, run, endings } of attacks.filter((attack) => attack.does.includes(only))) {
    const result = await underAttack((field) => run(field, strength.long), endings);
    console.log(tableRow(does, strength.long, result));
    problems.push(...result.problems.map((problem) => `${does}: ${problem}`));
  }
  for (const problem of problems) console.log(`problem: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { only: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    if (!values.help) return values.only ?? "";
    console.log(help);
  } catch (error) {
    console.error(`attack: ${error.message.split(". ")[0]}; --help lists the options`);
    process.exitCode = 2;
  }
  return null;
}
