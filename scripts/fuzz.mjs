// Looks for inputs that the codecs do not stand, guided by the code that they reach. What reaches something new is kept in
// the corpus of its package, which `npm test` runs again.
//
//     npm run fuzz                      both codecs, then a million frames at a server
//     npm run fuzz -- --only codecs --seed 7

import { parseArgs } from "node:util";
import { codecs } from "../packages/conformance/dist/fuzz/codecs.js";
import { keep, readCorpus, readVectors } from "../packages/conformance/dist/fuzz/corpus.js";
import { search } from "../packages/conformance/dist/fuzz/search.js";
import { randomFrames } from "../packages/conformance/dist/wire/hostile/random-frames.js";
import { tableHead, tableRow, underAttack } from "./attack/under-attack.mjs";

const help = `npm run fuzz -- [options]

  --only NAME      codecs or frames; default both
  --seed NUMBER    of the changes; default a random one, which is printed
  --inputs NUMBER  for each codec; default 100 000
  --frames NUMBER  for the server; default 1 000 000
`;

const options = readOptions();
console.log(`seed ${options.seed}`);
if (options.only !== "frames") for (const codec of codecs) searchCodec(codec);
if (options.only !== "codecs") await sendFrames(options);

async function sendFrames({ frames, seed }) {
  const { run, endings } = randomFrames(seed);
  const result = await underAttack((field) => run(field, frames), endings);
  console.log(`${tableHead}\n${tableRow("sends random frames", frames, result)}`);
  for (const problem of result.problems) console.log(`problem: ${problem}`);
  if (result.problems.length > 0) process.exitCode = 1;
}

function searchCodec(codec) {
  const corpus = readCorpus(codec);
  const start = [...readVectors(codec), ...corpus.values()];
  const startMs = performance.now();
  const { found, paths } = search(codec, start, options);
  for (const input of found) keep(codec, input);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(
    `${codec.name}: ${options.inputs} inputs in ${seconds} s, ${paths} paths, ${found.length} new inputs kept`,
  );
}

function readOptions() {
  try {
    const text = { type: "string" };
    const known = { only: text, seed: text, inputs: text, frames: text, help: { type: "boolean", short: "h" } };
    const { values } = parseArgs({ options: known });
    if (values.help) {
      process.stdout.write(help);
      process.exit(0);
    }
    if (![undefined, "codecs", "frames"].includes(values.only)) throw new Error(`--only knows codecs and frames`);
    return {
      only: values.only,
      seed: wholeNumber("--seed", values.seed ?? String(1 + Math.floor(Math.random() * 2 ** 31))),
      inputs: wholeNumber("--inputs", values.inputs ?? "100000"),
      frames: wholeNumber("--frames", values.frames ?? "1000000"),
    };
  } catch (error) {
    console.error(`fuzz: ${error.message.split(". ")[0]}; --help lists the options`);
    process.exit(2);
  }
}

function wholeNumber(option, text) {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number, not "${text}"`);
}
