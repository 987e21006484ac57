import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { repositoryRoot } from "./import-map.js";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** Answers with a file of the repository, or with 404 where there is none of a known type. */
export async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = normalize(join(repositoryRoot, path));
  const type = types[extname(file)];
  try {
    if (!file.startsWith(repositoryRoot + sep) || type === undefined) throw new Error("not served");
    const content = await readFile(file);
    response.setHeader("Content-Type", type);
    response.end(content);
  } catch {
    response.statusCode = 404;
    response.end();
  }
}
