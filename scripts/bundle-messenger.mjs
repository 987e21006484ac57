// Puts together what the messenger's server sends to browsers, from what the compiler wrote, and prints what the first load takes.

import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const source = "apps/messenger/src/page";
const compiled = "apps/messenger/dist";
const target = `${compiled}/bundle`;

rmSync(target, { recursive: true, force: true });
cpSync(`${source}/static`, target, { recursive: true });
await build({
  entryPoints: { app: `${compiled}/page/main.js` },
  outdir: target,
  // What is loaded on demand, the reader of QR codes, stays a file of its own.
  splitting: true,
  chunkNames: "[name]-[hash]",
  ...forBrowsers(),
});
await build({ entryPoints: { app: `${source}/style/app.css` }, outdir: target, bundle: true, minify: true });

const files = readdirSync(target).sort();
const version = createHash("sha256");
for (const file of files) version.update(file).update(readFileSync(`${target}/${file}`));
await build({
  entryPoints: { worker: `${compiled}/worker/worker.js` },
  outdir: target,
  define: {
    appFiles: JSON.stringify(files.map((file) => (file === "index.html" ? "/" : `/${file}`))),
    appVersion: JSON.stringify(version.digest("hex").slice(0, 16)),
  },
  ...forBrowsers(),
});
const first = ["index.html", "app.js", "app.css", "icon.svg", "manifest.webmanifest"];
const sizes = first.map((file) => gzipSync(readFileSync(`${target}/${file}`), { level: 9 }).length);
console.log(`messenger: first load ${sizes.reduce((sum, size) => sum + size)} bytes gzipped`);

function forBrowsers() {
  return {
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022" },
    ...{ legalComments: "none", logLevel: "warning" },
  };
}
