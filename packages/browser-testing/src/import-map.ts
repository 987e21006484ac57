import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds all packages, found from where this file was compiled to. */
export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** What a browser needs to find packages by their names, for `<script type="importmap">`. */
export interface ImportMap {
  readonly imports: Readonly<Record<string, string>>;
}

type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly name: string;
  readonly main?: string;
  readonly exports?: Readonly<Record<string, Target>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** In the order of a package's own export conditions the first of these counts, as bundlers for browsers do it. */
const conditions = new Set(["browser", "import", "default"]);

/**
 * Every package of this repository and what those depend on, each at a path under the root of the repository. So pages in
 * tests load the very files that were compiled, without a bundler.
 */
export function createImportMap(): ImportMap {
  const imports: Record<string, string> = {};
  for (const name of readdirSync(join(repositoryRoot, "packages"))) {
    const manifest = add(join(repositoryRoot, "packages", name), imports);
    for (const dependency of Object.keys(manifest?.dependencies ?? {})) {
      const folder = join(repositoryRoot, "node_modules", dependency);
      if (imports[dependency] === undefined) add(folder, imports);
    }
  }
  return { imports };
}

function add(folder: string, imports: Record<string, string>): Manifest | null {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return null;
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  const url = `/${relative(repositoryRoot, folder).split(sep).join("/")}`;
  const { exports = { ".": `./${(manifest.main ?? "index.js").replace(/^\.\//, "")}` } } = manifest;
  for (const [subpath, target] of Object.entries(exports)) {
    const file = subpath.startsWith(".") ? resolve(target) : null;
    if (file !== null) imports[manifest.name + subpath.slice(1)] = url + file.slice(1);
  }
  return manifest;
}

function resolve(target: Target): string | null {
  if (typeof target === "string") return target;
  for (const [condition, inner] of Object.entries(target)) {
    const found = conditions.has(condition) ? resolve(inner) : null;
    if (found !== null) return found;
  }
  return null;
}
