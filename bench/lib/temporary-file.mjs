import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { someBytes } from "./bulk.mjs";

const blockBytes = 2 ** 24;

/** Makes files of a given size, once each, and removes them when the process ends. */
export class TemporaryFiles {
  #folder = null;
  /** @type {Map<number, Promise<string>>} */
  #files = new Map();

  constructor() {
    process.on("exit", () => {
      if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /** @returns {Promise<string>} the path of a file of so many bytes */
  get(bytes) {
    const file = this.#files.get(bytes) ?? this.#make(bytes);
    this.#files.set(bytes, file);
    return file;
  }

  async #make(bytes) {
    this.#folder ??= mkdtempSync(join(tmpdir(), "camp-bench-"));
    const path = join(this.#folder, `${bytes}.bin`);
    const block = someBytes(blockBytes);
    const file = await open(path, "wx");
    for (let left = bytes; left > 0; left -= blockBytes) await file.write(block, 0, Math.min(left, blockBytes));
    await file.close();
    return path;
  }
}
