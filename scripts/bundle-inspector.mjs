// Puts together what the inspector sends to browsers, from what the compiler wrote.

import { cpSync, rmSync } from "node:fs";
import { build } from "esbuild";

const folder = "packages/session-inspector";
const target = `${folder}/dist/bundle`;

rmSync(target, { recursive: true, force: true });
cpSync(`${folder}/src/page/static`, target, { recursive: true });
await build({
  entryPoints: { inspector: `${folder}/dist/page/main.js` },
  outdir: target,
  ...{ bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022" },
  ...{ legalComments: "none", logLevel: "warning" },
});
