import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface DemoOptions {
  /** Port to listen on, 0 for any that is free. */
  readonly port: number;
  /** Size of the file that is transferred, in megabytes of 1,000,000 bytes. */
  readonly sizeMb: number;
  /** End after the table instead of staying up. */
  readonly once: boolean;
  readonly inspect: boolean;
}

/** The command line makes no sense; the message says why. */
export class UsageError extends Error {}

export const helpText = `Usage: npm run demo -- [options]

Starts a CAMP server, connects a client in a second process, echoes messages, pushes a file of random bytes to the
server, pulls it back by ranges, compares the SHA-256 on both sides, and prints what happened. Then the server stays up
for a client of yours.

  --port <number>     port to listen on, 0 for any that is free (default 8080)
  --size-mb <number>  size of the file in megabytes, 1 to 10000 (default 128)
  --once              end after the table
  --inspect           serve a page that shows every step of every session; its address is printed
  --help              print this
`;

/** Reads the arguments after the program's name; null asks for help. */
export function parseOptions(args: readonly string[]): DemoOptions | null {
  const values = parse(args);
  if (values.help === true) return null;
  return {
    port: wholeNumber("--port", values.port, { min: 0, max: 65_535, absent: 8080 }),
    sizeMb: wholeNumber("--size-mb", values["size-mb"], { min: 1, max: 10_000, absent: 128 }),
    once: values.once === true,
    inspect: values.inspect === true,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        "size-mb": { type: "string" },
        once: { type: "boolean" },
        inspect: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    // Node adds advice of its own after the first sentence, which does not fit these options.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(". ")[0]!, { cause: error });
  }
}

function wholeNumber(
  option: string,
  text: string | undefined,
  range: { readonly min: number; readonly max: number; readonly absent: number },
): number {
  if (text === undefined) return range.absent;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
  throw new UsageError(`${option} must be a whole number from ${range.min} to ${range.max}, not "${text}"`);
}
