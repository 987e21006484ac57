import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { StoreError } from "../sqlite/store-error.js";

/**
 * Makes a folder and those above it. What Node has for that never comes back where a file system takes no new names, as /proc
 * does not, and keeps a core busy meanwhile.
 *
 * @throws {StoreError} where no folder can be made, else the error of the system
 */
export function makeFolder(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(resolve(path));
  if (above !== resolve(path)) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new StoreError("cannot be made: no folder can be made there", { cause: error });
  }
}
