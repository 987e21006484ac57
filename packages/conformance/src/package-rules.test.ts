import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { checkPackage, checkVersions } from "./package-rules.js";

describe("checkPackage", () => {
  const root = mkdtempSync(join(tmpdir(), "camp-package-rules-"));
  after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "whole"));
  for (const name of ["README.md", "index.js", "index.d.ts"]) writeFileSync(join(root, "whole", name), "");
  const whole = {
    name: "whole",
    description: "a package that has all it needs",
    license: "MIT",
    engines: { node: ">=20.19" },
    exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
  };

  it("is content with a package that has everything", () => {
    assert.deepEqual(checkPackage(root, { folder: "whole", manifest: whole }), []);
  });

  it("finds what is missing", () => {
    const { description: _, ...bare } = whole;
    const exports = { ".": { default: "./gone.js", types: "./index.d.ts" } };
    assert.deepEqual(checkPackage(root, { folder: "whole", manifest: { ...bare, license: "ISC", exports } }), [
      "whole: license is not MIT",
      "whole: has no description",
      "whole: the types of export . do not come first",
      "whole: export . leads to ./gone.js, which is not there",
    ]);
    assert.deepEqual(checkPackage(root, { folder: "other", manifest: { ...whole, exports: {} } }), [
      "other: has no README.md",
      "other: exports nothing under its own name",
    ]);
  });

  it("asks less of a private package", () => {
    const { exports: _, ...rest } = whole;
    assert.deepEqual(checkPackage(root, { folder: "other", manifest: { ...rest, private: true } }), []);
  });
});

describe("checkVersions", () => {
  it("finds a dependency on another version than the one next door", () => {
    const a = { name: "a", version: "1.1.0", dependencies: { b: "1.0.0", c: "^3.0.0" } };
    assert.deepEqual(checkVersions([a, { name: "b", version: "1.1.0" }]), ["a: depends on b 1.0.0, which is 1.1.0"]);
    assert.deepEqual(checkVersions([a, { name: "b", version: "1.0.0" }]), []);
  });
});
