import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/**
 * What the files of a folder have in all, in bytes, each gzipped by itself as a server would send it.
 * @param names how the names of the files begin
 */
export function gzippedBytes(folder: URL, names: readonly string[]): number {
  const files = readdirSync(folder).filter((file) => names.some((name) => file.startsWith(name)));
  if (files.length !== names.length) throw new Error(`${files.join() || "nothing"} is not ${names.join()}`);
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, folder)), { level: 9 }).length, 0);
}
