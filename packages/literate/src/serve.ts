// What `npm run docs` runs: shows the pages of the repository, with the blocks of the literate ones run.

import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { createDocsServer } from "./index.js";

const usage = "usage: npm run docs [-- --port 8070]\n";

try {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8070" }, help: { type: "boolean" } } });
  if (values.help) process.stdout.write(usage);
  else listen(Number(values.port));
} catch (error) {
  fail(`${error instanceof Error ? error.message : error}\n${usage}`);
}

function listen(port: number): void {
  const server = createDocsServer();
  server.on("error", (error: NodeJS.ErrnoException) => {
    fail(error.code === "EADDRINUSE" ? `port ${port} is in use; choose another: -- --port 0\n` : `${error.message}\n`);
  });
  server.listen(port, "127.0.0.1", () => {
    process.stdout.write(`Open http://127.0.0.1:${(server.address() as AddressInfo).port}/README.md\n`);
  });
}

function fail(message: string): void {
  process.stderr.write(message);
  process.exitCode = 1;
}
