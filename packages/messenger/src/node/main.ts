import { once } from "node:events";
import { MessengerError } from "../client/index.js";
import { serveMessenger } from "../server/index.js";
import { readArguments, UsageError, usage } from "./arguments.js";
import { accept, invite, listen, send } from "./commands.js";

/** Runs one command. What went wrong is one line on stderr, and exit code 1; 2 for a command line that makes no sense. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const { command, rest, values } = readArguments(args);
    const print = (line: string) => process.stdout.write(`${line}\n`);
    if (command === "help") process.stdout.write(usage);
    else if (command === "serve") await serve(values, print);
    else if (command === "invite") await invite(values, print);
    else if (command === "accept") await accept(values, rest[0]!, print);
    else if (command === "send") await send(values, rest[0]!, rest[1]!, print);
    else await listen(values, print, interrupted());
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    process.stderr.write(`messenger: ${explain(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  }
}

type Values = ReturnType<typeof readArguments>["values"];

async function serve(values: Values, print: (line: string) => void): Promise<void> {
  const { port, host, data, origin, token, proxy } = values;
  const serving = await serveMessenger({
    ...{ dataDir: data, port, origins: origin ?? [] },
    ...(host !== undefined && { host }),
    ...(token !== undefined && { token }),
    ...(proxy !== undefined && { proxy }),
    failed: (error) => process.stderr.write(`messenger: ${explain(error)}\n`),
  });
  print(`the messenger runs on http://localhost:${serving.port}`);
  await interrupted();
  await serving.close();
}

/** Resolves when whoever runs the program wants it to end. */
async function interrupted(): Promise<void> {
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "EADDRINUSE") return `${message}: the port is taken; choose another with --port`;
  if (error instanceof MessengerError || error instanceof UsageError) return error.message;
  return message ?? String(error);
}
