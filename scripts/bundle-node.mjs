// Puts the modules of each inner package into few files for Node, from what the compiler wrote. Node keeps some 7 KiB for every module
// that it loads, and these have more than 150: as many files took twice as long to load, and the memory that they needed brought
// small processes to where V8 marks the whole heap several times a second.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

for (const name of ["camp-protocol", "cryo-protocol", "camp-session", "camp-runtime"]) {
  const folder = `packages/${name}`;
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const forNode = Object.values(exports).filter((conditions) => conditions.node !== undefined);
  // A job that does not need the package has not built it.
  if (!forNode.every((conditions) => existsSync(`${folder}/${conditions.default}`))) continue;
  const outdir = `${folder}/dist/for-node`;
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries(
      forNode.map((conditions) => [basename(conditions.node, ".js"), `${folder}/${conditions.default}`]),
    ),
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
  });
}
