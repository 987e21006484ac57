import { parseArgs } from "node:util";

export const usage = `usage: npm start -- [options]

  --port N          TCP port; 0 picks a free one (8080)
  --host ADDRESS    where to listen (every address)
  --data DIR        folder of the store (./messenger-data)
  --origin ORIGIN   how the page is called from outside, such as https://chat.example; may be repeated
  --token T         decides who may connect; the page brings it along (messenger)
  --proxy ADDRESS   whose X-Forwarded-For counts
  --inspect         serve a page that shows every step of every session, to this machine alone; its address is printed
  --help            this
`;

/** A command line that cannot be followed; its message is for who typed it. */
export class UsageError extends Error {}

export interface Options {
  readonly port: number;
  readonly host: string | undefined;
  readonly data: string;
  readonly origins: readonly string[];
  readonly token: string;
  readonly proxy: string | undefined;
  readonly inspect: boolean;
}

/**
 * @returns null where help is asked for
 * @throws {UsageError}
 */
export function parseOptions(args: readonly string[]): Options | null {
  const { port, host, data, origin, token, proxy, inspect, help } = parse(args);
  if (help) return null;
  return {
    port: portOf(port ?? "8080"),
    host,
    data: data ?? "messenger-data",
    origins: origin ?? [],
    token: token ?? "messenger",
    proxy,
    inspect: inspect === true,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ port: text, host: text, data: text, token: text, proxy: text },
        ...{ origin: { type: "string", multiple: true }, help: { type: "boolean", short: "h" } },
        inspect: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0], { cause: error });
  }
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`--port is a number from 0 to 65535, got ${text}`);
}
