// Makes what browsers load from what the compiler wrote: the prebuilt clients and the messenger. Prints the sizes.

import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";
import { rollup } from "rollup";

/** Packages by name: our own as they are for everybody, since Node would find what is for Node, and others wherever npm has put them. */
const packages = {
  name: "packages",
  resolveId(id, importer) {
    if (importer === undefined || id.startsWith(".")) return null;
    const [name, ...path] = id.split("/");
    const folder = `packages/${name}`;
    if (!existsSync(folder)) return realpathSync(createRequire(importer).resolve(id));
    const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    return resolve(folder, exports[[".", ...path].join("/")].default);
  },
};

const minify = {
  name: "minify",
  renderChunk: (code) => transform(code, { minify: true, format: "esm", target: "es2022", legalComments: "none" }),
};

for (const name of ["camp-client-browser", "cryo-client-browser"]) {
  const folder = `packages/${name}/dist`;
  const bundle = await rollup({
    input: { [name]: `${folder}/index.js` },
    // The entry is one file: what the files loaded later share with it, it exports to them.
    preserveEntrySignatures: "allow-extension",
    treeshake: { moduleSideEffects: false },
    plugins: [packages, minify],
  });
  const dir = `${folder}/bundle`;
  rmSync(dir, { recursive: true, force: true });
  const { output } = await bundle.write({ dir, chunkFileNames: "[name]-[hash].js" });
  await bundle.close();
  for (const { fileName, code } of output) {
    const text = Buffer.from(code);
    console.log(`${fileName}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped`);
  }
}
await import("./bundle-inspector.mjs");
await import("./bundle-messenger.mjs");
