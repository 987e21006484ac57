// Runs the session simulation outside the test suite: many seeds, or one again.
import { parseArgs } from "node:util";
import { simulate } from "camp-session/testing";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});
const first = Number(values.seed ?? values.from);
const runs = values.seed === undefined ? Number(values.runs) : 1;
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(runs) || runs < 1) {
  process.stderr.write("--seed, --from and --runs take whole numbers\n");
  process.exit(2);
}
const settle = () => new Promise((resolve) => setImmediate(resolve));
const total = { runs: 0, messages: 0, streams: 0, connections: 0, hours: 0, failed: 0 };
for (let seed = first; seed < first + runs; seed++) {
  const { faults, messages, streams, connections, simulatedMs } = await simulate(seed, settle);
  total.runs++;
  total.messages += messages;
  total.streams += streams;
  total.connections += connections;
  total.hours += simulatedMs / 3_600_000;
  if (faults.length === 0) continue;
  total.failed++;
  process.stdout.write(`seed ${seed}:\n  ${faults.join("\n  ")}\n`);
}
const { runs: done, messages, streams, connections, hours, failed } = total;
process.stdout.write(
  `${done} runs, ${messages} messages, ${streams} streams, ${connections} connections, ${hours.toFixed(1)} simulated hours: ${failed} failed\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
