import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkDependencies, checkImports, checkTable, type Layer, layers } from "./layers.js";

const table: readonly Layer[] = [
  { name: "low", folder: "packages/low/src", imports: [] },
  { name: "mid", folder: "packages/mid/src", imports: ["low"], testImports: ["node:"] },
  { name: "top", folder: "packages/top/src", imports: ["mid", "node:"] },
];

function problems(path: string, text: string): string[] {
  return checkImports({ path, text }, table);
}

describe("the layers", () => {
  it("point down only", () => {
    assert.deepEqual(checkTable(layers), []);
    assert.deepEqual(checkTable([{ name: "low", folder: "l", imports: ["top"] }, table[2]!]), [
      "low may not import top",
    ]);
  });

  it("refuse an import upwards, past a neighbour, or of Node", () => {
    assert.deepEqual(problems("packages/low/src/a.ts", 'import "mid";'), [
      "packages/low/src/a.ts:1: low must not import mid",
    ]);
    assert.equal(problems("packages/low/src/a.ts", 'import { b } from "../../mid/src/b.js";').length, 1);
    assert.equal(problems("packages/top/src/a.ts", 'import "low";').length, 1);
    assert.equal(problems("packages/mid/src/a.ts", 'import "node:fs";').length, 1);
    assert.equal(problems("packages/mid/src/a.ts", 'import "left-pad";').length, 1);
  });

  it("allow what the table lists, the layer itself, and more to tests", () => {
    assert.deepEqual(problems("packages/mid/src/a.ts", 'import "low"; import "./b.js";'), []);
    assert.deepEqual(problems("packages/mid/src/a.test.ts", 'import "node:fs"; import "low/testing";'), []);
    assert.equal(problems("packages/mid/src/a.ts", 'import "low/testing";').length, 1);
  });

  it("know every folder", () => {
    assert.deepEqual(problems("packages/new/src/a.ts", ""), [
      "packages/new/src/a.ts: belongs to no layer of layers.ts",
    ]);
  });
});

describe("checkDependencies", () => {
  const manifest = { name: "a", dependencies: { b: "1", "@c/d": "1" } };

  it("finds what is used and not declared, and what is declared and not used", () => {
    assert.deepEqual(checkDependencies(manifest, [{ path: "a/src/x.ts", text: 'import "b/deep"; import "e";' }]), [
      "a: imports e, not declared",
      "a: declares @c/d, not imported",
    ]);
  });

  it("takes no test, no relative import and no module of Node for a dependency", () => {
    const text = 'import "b"; import "@c/d/e"; import "./f.js"; import "node:fs"; import "a/testing";';
    const files = [
      { path: "a/src/x.ts", text },
      { path: "a/src/x.test.ts", text: 'import "fast-check";' },
    ];
    assert.deepEqual(checkDependencies(manifest, files), []);
    const unshipped = { ...manifest, private: true };
    assert.deepEqual(checkDependencies(unshipped, files), ["a: imports fast-check, not declared"]);
    assert.deepEqual(checkDependencies(unshipped, files, new Set(["fast-check"])), []);
  });
});
