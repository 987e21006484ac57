import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, it } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { checkHouseRules } from "./house-rules.js";
import { checkDependencies, checkImports } from "./layers.js";
import { checkPackage, checkVersions } from "./package-rules.js";
import { isTest, readManifest, repositoryRoot, type TextFile, workspacePackages, writtenFiles } from "./repository.js";

const files = writtenFiles();
const packages = workspacePackages();
const sources = files.filter((file) => /^(?:packages|apps)\/.*\.ts$|^bench\/.*\.m?[jt]s$/.test(file.path));

describe("the repository", () => {
  it("has sources in every package", () => {
    for (const { folder } of packages) {
      const found = sources.some((file) => file.path.startsWith(`${folder}/`) && !isTest(file.path));
      assert.ok(found || folder === "bench", `${folder} has no source`);
    }
  });

  it("imports only from layers below", () => {
    assertNone(sources.flatMap((file) => checkImports(file)));
  });

  it("lets the compiler refuse every platform name in the layers that know no platform", () => {
    for (const folder of [
      "packages/camp-protocol",
      "packages/state-tree",
      "packages/camp-session",
      "packages/camp-runtime/src/common",
      "packages/messenger/src/protocol",
      "packages/messenger/src/client",
    ]) {
      const options = { ...readOptions("tsconfig.base.json"), ...readOptions(`${folder}/tsconfig.json`) };
      assert.deepEqual(options.types, [], `${folder} sees the types of a platform`);
      assert.deepEqual(options.lib, ["ES2023"], `${folder} sees more than the language`);
    }
  });

  it("declares in platform.d.ts only what every platform has", () => {
    const encoding = ["TextEncoder", "TextDecoder"];
    // Of the platform's cryptography the part that has no randomness of its own.
    const cryptography = ["crypto", "SubtleCrypto"];
    const allowed = [...encoding, ...cryptography, "AbortSignal", "AbortController", "URL", "URLSearchParams"];
    for (const file of sources.filter(({ path }) => posix.basename(path) === "platform.d.ts")) {
      const names = [...file.text.matchAll(/\b(?:interface|class|const|var|function|type)\s+(\w+)/g)];
      assert.deepEqual(
        names.map((match) => match[1]!).filter((name) => !allowed.includes(name)),
        [],
        file.path,
      );
    }
  });

  it("keeps the rules of the house", () => {
    assertNone(files.flatMap((file) => checkHouseRules(file)));
  });

  it("nowhere names the folder it happens to be checked out in", () => {
    const folder = dirname(join(repositoryRoot, "package.json"));
    assertNone(files.filter((file) => file.text.includes(`${folder}/`)).map((file) => file.path));
  });

  it("links only to pages and files that exist", () => {
    // Fixtures are pages of other places, with links of their own.
    const pages = files.filter(({ path }) => path.endsWith(".md") && !path.includes("/fixtures/"));
    assertNone(pages.flatMap(deadLinks));
  });
});

describe("every package", () => {
  it("has a licence, a description, a README and exports that resolve", () => {
    assertNone(packages.flatMap((entry) => checkPackage(repositoryRoot, entry)));
  });

  it("declares what it imports and imports what it declares", () => {
    const tools = new Set(Object.keys(readManifest("package.json").devDependencies ?? {}));
    const own = packages.map(({ manifest }) => manifest.name);
    for (const { folder, manifest } of packages) {
      // The benchmark is installed apart and finds the packages of the repository in the folder above.
      const given = folder === "bench" ? new Set([...tools, ...own]) : tools;
      assertNone(checkDependencies(manifest, filesOf(folder), given));
    }
  });

  it("has the version of the others", () => {
    assertNone(checkVersions(packages.map((entry) => entry.manifest)));
  });

  for (const { folder, manifest } of packages.filter((entry) => entry.manifest.private !== true)) {
    it(`is packed without fault: ${manifest.name}`, async () => {
      const { messages, pkg } = await publint({ pkgDir: join(repositoryRoot, folder), pack: "npm" });
      assertNone(messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code));
    });
  }
});

function assertNone(problems: readonly string[]): void {
  assert.equal(problems.length, 0, `\n${problems.join("\n")}`);
}

function filesOf(folder: string): TextFile[] {
  return sources.filter((file) => file.path.startsWith(`${folder}/`));
}

function readOptions(path: string): { readonly types?: readonly string[]; readonly lib?: readonly string[] } {
  return JSON.parse(readFileSync(join(repositoryRoot, path), "utf8")).compilerOptions;
}

function deadLinks(file: TextFile): string[] {
  const links = [...file.text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return links
    .filter((link) => !/^(?:https?:|mailto:|#)/.test(link))
    .filter((link) => !existsSync(join(repositoryRoot, posix.dirname(file.path), link.replace(/#.*$/, ""))))
    .map((link) => `${file.path}: ${link}`);
}
