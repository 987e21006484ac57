import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

export const usage = `usage: messenger COMMAND [options]

  serve             run a server
  invite            print an invitation link, and wait until somebody has used it
  accept LINK       accept an invitation, and wait until its maker has answered
  send WHO TEXT     send a text to a contact (its fingerprint or its name), and wait until it was delivered
  listen            print every message that arrives, until interrupted

options of invite, accept, send, listen
  --server URL      the messenger's server (http://localhost:8080)
  --file PATH       identity, contacts and history (~/.messenger.db)
  --token T         decides who may connect (messenger)
  --name NAME       what contacts see
  --app URL         invite: the page that the link opens (the server's)
  --hours H         invite: how long the link lives (24, at most 168)
  --timeout S       give up after so many seconds (send, accept: 30; invite: as long as the link lives)
  --json            listen: one JSON object a line

options of serve
  --port N          (8080)
  --host ADDRESS    (every address)
  --data DIR        folder of the store (./messenger-data)
  --origin ORIGIN   a page's origin, such as https://chat.example; may be repeated
  --token T         (messenger)
  --proxy ADDRESS   whose X-Forwarded-For counts
`;

/** A command line that cannot be followed; its message is for who typed it. */
export class UsageError extends Error {}

const commands = { serve: 0, invite: 0, accept: 1, send: 2, listen: 0 } as const;

/** @throws {UsageError} */
export function readArguments(args: readonly string[]) {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined) return { command: "help", rest: [], values: withDefaults(values) } as const;
  if (!Object.hasOwn(commands, command)) throw new UsageError(`there is no command ${command}`);
  const known = command as keyof typeof commands;
  if (rest.length !== commands[known])
    throw new UsageError(`${known} takes ${commands[known]} arguments, got ${rest.length}`);
  return { command: known, rest, values: withDefaults(values) };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...{ server: text, file: text, token: text, name: text, app: text, hours: text, timeout: text, json: flag },
        ...{ port: text, host: text, data: text, origin: { type: "string", multiple: true }, proxy: text, help: flag },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function withDefaults(values: ReturnType<typeof parse>["values"]) {
  const { server = "http://localhost:8080", file = join(homedir(), ".messenger.db"), data = "messenger-data" } = values;
  if (!URL.canParse(server) || !/^(?:https?|wss?):/.test(server)) {
    throw new UsageError(`--server is written like https://chat.example, got ${server}`);
  }
  return {
    ...values,
    ...{ server, file, data, app: values.app ?? `${server.replace(/^ws/, "http").replace(/\/$/, "")}/` },
    port: numberOf("port", values.port ?? "8080", 65_535),
    hours: numberOf("hours", values.hours ?? "24", 168),
    timeout: values.timeout === undefined ? undefined : numberOf("timeout", values.timeout, 2_000_000),
  };
}

function numberOf(name: string, text: string, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) > max)
    throw new UsageError(`--${name} is a number from 0 to ${max}, got ${text}`);
  return Number(text);
}
