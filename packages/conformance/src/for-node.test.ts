import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { repositoryRoot } from "./repository.js";

// The files that Node loads instead of the modules that the compiler wrote (ARCHITECTURE.md, "What is loaded").

/** The files of this repository that a process has loaded which imports a package. */
function loadedBy(name: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "camp-loaded-"));
  try {
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", `await import("${name}")`], {
      cwd: repositoryRoot,
      env: { ...process.env, NODE_V8_COVERAGE: folder },
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const own = pathToFileURL(join(repositoryRoot, "packages")).href;
    return readdirSync(folder).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { result: { url: string }[] };
      return result.map(({ url }) => url).filter((url) => url.startsWith(own));
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("what Node loads", () => {
  for (const name of ["camp-server", "camp-client-node", "cryo-server", "cryo-client-node"]) {
    it(`is a few files for ${name}, and none of the modules behind them`, () => {
      const files = loadedBy(name);
      const inner = files.filter((url) =>
        /\/packages\/(?:camp-protocol|cryo-protocol|camp-session|camp-runtime)\//.test(url),
      );
      assert.ok(inner.length > 0 && inner.length <= 8, inner.join("\n"));
      assert.deepEqual(
        inner.filter((url) => !url.includes("/dist/for-node/")),
        [],
      );
    });
  }

  for (const name of [
    "camp-protocol",
    "camp-protocol/bytes",
    "cryo-protocol",
    "camp-session",
    "camp-session/testing",
    "camp-runtime",
    "camp-runtime/node",
  ]) {
    it(`has everything of ${name}`, async () => {
      const forNode = import.meta.resolve(name);
      const [folder, path = "."] = name.split(/\/(.*)/);
      const manifest = JSON.parse(readFileSync(join(repositoryRoot, `packages/${folder}/package.json`), "utf8")) as {
        exports: Record<string, { default: string }>;
      };
      const modules = manifest.exports[path === "." ? path : `./${path}`]!.default;
      assert.notEqual(fileURLToPath(forNode), join(repositoryRoot, `packages/${folder}`, modules));
      const exported = async (url: string) => Object.keys((await import(url)) as object).sort();
      const compiled = pathToFileURL(join(repositoryRoot, `packages/${folder}`, modules)).href;
      assert.deepEqual(await exported(forNode), await exported(compiled));
    });
  }

  it("has each error class once, whoever hands it on", async () => {
    const { ConnectError } = await import("camp-client-node");
    assert.equal((await import("cryo-client-node")).ConnectError, ConnectError);
    assert.equal((await import("camp-server")).ConnectError, ConnectError);
  });
});
