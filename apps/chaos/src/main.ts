import { type ChaosReport, runChaos, runTornStream, wrong } from "./chaos.js";
import type { Tally } from "./conversation.js";
import { type ChaosOptions, help, readOptions } from "./options.js";

const options = optionsOrEnd();
if (options !== null) process.exitCode = await run(options);

async function run({ help: asksForHelp, streamBytes, cuts, seconds, seed }: ChaosOptions): Promise<number> {
  if (asksForHelp) process.stdout.write(help);
  else if (streamBytes > 0) return tellStream(streamBytes, await runTornStream(streamBytes, cuts));
  else return tellChaos(await runChaos(seconds * 1000, seed));
  return 0;
}

function tellStream(bytes: number, { whole, cuts, anew }: Awaited<ReturnType<typeof runTornStream>>): number {
  print(`${bytes / 2 ** 20} MiB up and down through ${cuts} cuts: ${whole ? "the right hash" : "THE WRONG HASH"}`);
  return whole && anew === 0 ? 0 : 1;
}

function tellChaos(report: ChaosReport): number {
  const { faults, resumes, anew } = report;
  const { cuts, truncations, stalls, throttles } = faults;
  print(`${cuts} cuts, ${truncations} truncations, ${stalls} stalls, ${throttles} throttles`);
  print(`${resumes} connections resumed the session, ${anew} began anew`);
  tellTally("client to server", report.up);
  tellTally("server to client", report.down);
  const count = wrong(report);
  print(`${count} messages went wrong`);
  return count === 0 && anew === 0 ? 0 : 1;
}

function tellTally(direction: string, { sent, acknowledged, lost, duplicated, reordered, unknown }: Tally): void {
  print(`${direction}: ${sent} sent, ${acknowledged} acknowledged`);
  print(`  ${lost} lost, ${duplicated} duplicated, ${reordered} reordered, ${unknown} of unknown fate`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function optionsOrEnd(): ChaosOptions | null {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`chaos: ${(error as Error).message.split(". ")[0]}; --help lists the options\n`);
    process.exitCode = 2;
    return null;
  }
}
