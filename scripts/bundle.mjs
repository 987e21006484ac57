// Makes the prebuilt files of the clients for browsers from what the compiler wrote, and prints their sizes.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

for (const name of ["camp-client-browser", "cryo-client-browser"]) {
  const folder = `packages/${name}/dist`;
  await build({
    entryPoints: { [name]: `${folder}/index.js` },
    outdir: `${folder}/bundle`,
    bundle: true,
    minify: true,
    // What is loaded on demand stays a file of its own.
    splitting: true,
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
  });
  const code = readFileSync(`${folder}/bundle/${name}.js`);
  console.log(`${name}.js: ${code.length} bytes, ${gzipSync(code, { level: 9 }).length} gzipped`);
}
