import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repository.js";
import type { Codec } from "./codecs.js";

const folderOf = (codec: Codec): string => join(repositoryRoot, codec.folder, "corpus");

/** The inputs that are kept: each takes a path that no other takes. */
export function readCorpus(codec: Codec): Map<string, Uint8Array> {
  const folder = folderOf(codec);
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name))]),
  );
}

/** Keeps an input; its name follows from its bytes, so that nothing is kept twice. */
export function keep(codec: Codec, input: Uint8Array): string {
  const name = `${createHash("sha256").update(input).digest("hex").slice(0, 16)}.bin`;
  mkdirSync(folderOf(codec), { recursive: true });
  writeFileSync(join(folderOf(codec), name), input);
  return name;
}

interface Vectors {
  readonly frames: readonly { readonly hex: string }[];
  readonly malformed?: readonly { readonly hex: string }[];
}

/** The vectors of the package, from which every search sets out. */
export function readVectors(codec: Codec): Uint8Array[] {
  const folder = join(repositoryRoot, codec.folder, "vectors");
  return readdirSync(folder).flatMap((name) => {
    const { frames, malformed = [] } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Vectors;
    return [...frames, ...malformed].map(({ hex }) => Buffer.from(hex, "hex"));
  });
}
