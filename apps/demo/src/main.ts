import { constants } from "node:os";
import { inspectSessions } from "session-inspector";
import { runDemo } from "./demo.js";
import { helpText, parseOptions, UsageError } from "./options.js";
import type { Output } from "./progress.js";

/** A Ctrl-C may arrive twice, from the terminal and through npm; one this much later is meant to end it at once. */
const secondSignalMs = 1_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof parseOptions>;
  try {
    options = parseOptions(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`demo: ${error.message}; --help lists the options\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(helpText);
    return 0;
  }
  return run(options);
}

async function run(options: NonNullable<ReturnType<typeof parseOptions>>): Promise<number> {
  const interruption = interruptionBySignal();
  const { stdout } = process;
  // Whoever read the output is gone: nothing is left to do.
  stdout.once("error", () => interruption.abort());
  const output: Output = {
    isTTY: stdout.isTTY === true,
    hasColors: stdout.isTTY === true && stdout.hasColors(),
    write: (text) => void stdout.write(text),
  };
  const inspector = options.inspect ? await inspectSessions() : null;
  if (inspector !== null) output.write(`inspector: ${inspector.url}\n`);
  try {
    await runDemo(options, output, interruption.signal);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) {
      process.stderr.write("demo: interrupted\n");
      return 128 + constants.signals.SIGINT;
    }
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await inspector?.close();
  }
}

function interruptionBySignal(): AbortController {
  const interruption = new AbortController();
  let firstAtMs: number | null = null;
  const interrupt = (signal: NodeJS.Signals) => {
    if (firstAtMs !== null && performance.now() - firstAtMs > secondSignalMs) {
      process.exit(128 + constants.signals[signal]);
    }
    firstAtMs ??= performance.now();
    interruption.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  return interruption;
}
