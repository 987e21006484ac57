import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { serveMessenger } from "messenger/server";
import { type Inspector, inspectSessions } from "session-inspector";
import { showIn } from "./inspector-rows.js";
import { type Options, parseOptions, UsageError, usage } from "./options.js";
import { createPages } from "./pages.js";

const bundle = fileURLToPath(new URL("../bundle", import.meta.url));

process.exitCode = await main(process.argv.slice(2));

/** Runs until it is interrupted. What went wrong is one line, and exit code 1; 2 for a command line that makes no sense. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options === null) process.stdout.write(usage);
    else await run(options);
    return 0;
  } catch (error) {
    const hint = error instanceof UsageError ? "; --help lists the options" : "";
    process.stderr.write(`messenger: ${explain(error)}${hint}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(options: Options): Promise<void> {
  const inspector = options.inspect ? await inspectSessions() : null;
  try {
    const serving = await serve(options, inspector);
    process.stdout.write(`The messenger runs: open http://localhost:${serving.port} in a browser. Ctrl-C ends it.\n`);
    if (inspector !== null) process.stdout.write(`What its sessions do: ${inspector.url}\n`);
    await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await serving.close();
  } finally {
    await inspector?.close();
  }
}

function serve({ port, host, data, origins, token, proxy }: Options, inspector: Inspector | null) {
  return serveMessenger({
    ...{ dataDir: data, port, origins, token, pages: createPages({ folder: bundle, token }) },
    ...(host !== undefined && { host }),
    ...(proxy !== undefined && { proxy }),
    ...(inspector !== null && { record: showIn(inspector) }),
    failed: (error) => process.stderr.write(`messenger: ${explain(error)}\n`),
  });
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "EADDRINUSE") return "the port is taken; choose another with --port";
  if (code === "EACCES") return "the port may not be used; choose one above 1023 with --port";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "this machine has no such address; look at --host";
  return message ?? String(error);
}
