import { parseArgs } from "node:util";

/** What to run. */
export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Bytes of the stream to tear; 0: none. */
  readonly streamBytes: number;
  readonly cuts: number;
  readonly help: boolean;
}

export const help = `Usage: npm run chaos -- [options]

Lets a client and a server talk over a network that cuts, stalls, throttles and truncates, and counts what went wrong.

  --seconds <n>  how long (default 30)
  --hour         the same as --seconds 3600
  --stream <n>   instead sends a stream of n MiB each way, through cuts
  --cuts <n>     cuts of that stream, each way (default 200)
  --seed <n>     of the faults (default 1)
`;

/** @throws {TypeError} for options that are unknown or make no sense */
export function readOptions(args: readonly string[]): ChaosOptions {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: text, hour: flag, stream: text, cuts: text, seed: text, help: { ...flag, short: "h" } },
  });
  return {
    seconds: values.hour ? 3600 : whole("--seconds", values.seconds ?? "30"),
    seed: whole("--seed", values.seed ?? "1"),
    streamBytes: whole("--stream", values.stream ?? "0") * 2 ** 20,
    cuts: whole("--cuts", values.cuts ?? "200"),
    help: values.help ?? false,
  };
}

function whole(option: string, text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new TypeError(`${option} must be a whole number, not "${text}"`);
}
