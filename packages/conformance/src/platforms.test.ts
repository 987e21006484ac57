import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { build, type Platform } from "esbuild";
import { repositoryRoot } from "./repository.js";

// What a bundler, or Node, makes of a package on the platform that it is for and on the other one.

/** The faces, and what the other platform is told to import instead. */
const faces = [
  { name: "camp-client-node", start: "camp", runs: "node", instead: "camp-client-browser" },
  { name: "cryo-client-node", start: "cryo", runs: "node", instead: "cryo-client-browser" },
  { name: "camp-server", start: "camp", runs: "node", instead: "camp-client-browser" },
  { name: "cryo-server", start: "cryo", runs: "node", instead: "cryo-client-browser" },
  { name: "camp-client-browser", start: "camp", runs: "browser", instead: "camp-client-node" },
  { name: "cryo-client-browser", start: "cryo", runs: "browser", instead: "cryo-client-node" },
] as const;

async function bundled(contents: string, platform: Platform): Promise<{ code: string; names: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: repositoryRoot },
    bundle: true,
    minify: true,
    format: "esm",
    platform,
    target: "es2022",
    write: false,
    metafile: true,
    // Optional, and looked for at run time.
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "silent",
  });
  return { code: outputFiles[0]!.text, names: Object.values(metafile.outputs)[0]!.exports };
}

const bundle = async (contents: string, platform: Platform): Promise<string> =>
  (await bundled(contents, platform)).code;

type Module = Readonly<Record<string, unknown>>;

/** Runs a bundle that needs nothing from outside. */
const run = (code: string): Promise<Module> => import(`data:text/javascript,${encodeURIComponent(code)}`);

describe("a package on the wrong platform", () => {
  for (const { name, start, runs, instead } of faces) {
    const other = runs === "node" ? "browser" : "node";

    it(`${name} says in a bundle for ${other} which one is the right one`, async () => {
      const code = await bundle(`export { ${start} } from "${name}";`, other);
      assert.doesNotMatch(code, /from ?"(node:|ws")/);
      const { [start]: begin } = (await run(code)) as Readonly<Record<string, () => Promise<unknown>>>;
      await assert.rejects(begin!, new RegExp(`^Error: ${name} runs .* only; .*\\b${instead}\\b`));
    });

    it(`${name} has the same names there, so that nothing else fails first`, async () => {
      const { exports } = JSON.parse(readFileSync(`${repositoryRoot}/packages/${name}/package.json`, "utf8")) as {
        exports: Record<string, Record<string, string>>;
      };
      const namesOf = async (condition: string) => {
        const target = `${repositoryRoot}/packages/${name}/${exports["."]![condition]}`;
        return (await bundled(`export * from ${JSON.stringify(target)};`, runs)).names;
      };
      const names = await namesOf("default");
      assert.ok(names.includes("ConnectError"), names.join());
      assert.deepEqual([...(await namesOf(other))].sort(), [...names].sort());
    });
  }

  for (const { name, start, runs, instead } of faces) {
    if (runs !== "browser") continue;

    it(`${name} says so to Node itself as well`, async () => {
      const { [start]: begin } = (await import(name)) as Readonly<Record<string, () => Promise<unknown>>>;
      await assert.rejects(begin!, new RegExp(instead));
    });
  }
});

describe("a bundle for browsers", () => {
  for (const { name, runs } of faces) {
    if (runs !== "browser") continue;

    it(`has nothing of ${name} where nothing of it is used`, async () => {
      assert.equal(await bundle(`import "${name}";`, "browser"), "");
    });

    it(`has of ${name} what is used and not the rest`, async () => {
      const code = await bundle(`export { ConnectError } from "${name}";`, "browser");
      assert.ok(code.length < 3_000, `${code.length} bytes`);
      assert.doesNotMatch(code, /WebSocket\(|addEventListener/);
    });
  }
});
