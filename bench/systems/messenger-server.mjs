// The messenger's server with the store that it has in production. The store lies where temporary files do: on a disk, or the
// figures of what is durable mean nothing.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createPages } from "@camp/messenger/pages";
import { serveMessenger } from "messenger/server";

/** @param {{withPages?: boolean}} options whether browsers find the application there */
export async function start({ withPages = false }) {
  const dataDir = mkdtempSync(join(tmpdir(), "messenger-bench-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const folder = fileURLToPath(new URL("../../apps/messenger/dist/bundle", import.meta.url));
  const pages = withPages ? { pages: createPages({ folder, token: "messenger" }) } : {};
  const { port } = await serveMessenger({ dataDir, port: 0, host: "127.0.0.1", failed: console.error, ...pages });
  return { port };
}
