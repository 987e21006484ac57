import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds all others, found from where this file was compiled to. */
export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** A file of the repository. `path` is relative to its root, with forward slashes. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What the checks look at in a package.json. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** One package of the workspace. `folder` is relative to the root of the repository. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

const sourceFolders = [".ci", "apps", "bench", "docs", "packages", "scripts"];
const generatedFolders = new Set(["dist", "node_modules", "results"]);
const binaryExtensions = new Set([".bin", ".der", ".gif", ".ico", ".jpg", ".png"]);

/** Every file somebody wrote: what was built or installed is left out. */
export function writtenFiles(): TextFile[] {
  const topLevel = readdirSync(repositoryRoot, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "package-lock.json" && entry.name !== ".git")
    .map((entry) => entry.name);
  return [...topLevel, ...sourceFolders.flatMap(filesUnder)]
    .filter((path) => !binaryExtensions.has(posix.extname(path)))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), "utf8") }));
}

export function workspacePackages(): WorkspacePackage[] {
  const folders = ["packages", "apps"].flatMap((group) =>
    readdirSync(join(repositoryRoot, group)).map((name) => `${group}/${name}`),
  );
  return [...folders, "bench"]
    .filter((folder) => existsSync(join(repositoryRoot, folder, "package.json")))
    .map((folder) => ({ folder, manifest: readManifest(`${folder}/package.json`) }));
}

export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(repositoryRoot, path), "utf8"));
}

/** Tests, and what they run in a page. */
export function isTest(path: string): boolean {
  return /\.(?:test|in-page)\.ts$/.test(path);
}

function filesUnder(folder: string): string[] {
  if (!existsSync(join(repositoryRoot, folder))) return [];
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`.split(sep).join(posix.sep);
    if (entry.isDirectory()) return generatedFolders.has(entry.name) ? [] : filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}
