import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importsOf, readSource } from "./source-text.js";

describe("readSource", () => {
  it("blanks comments and the inside of strings, and keeps every position", () => {
    const text = 'const a = "x // y"; // process\n/* Buffer */ const b = 1;';
    const source = readSource(text);
    assert.equal(source.codeOnly.length, text.length);
    assert.equal(source.codeOnly, 'const a = "      ";           \n             const b = 1;');
    assert.match(source.withoutComments, /"x \/\/ y"/);
    assert.doesNotMatch(source.withoutComments, /process|Buffer/);
  });

  it("reads the code inside a template and not its text", () => {
    const source = readSource(`const a = \`text \${ code({ b: \`\${ inner }\` }) } text\`; after();`);
    assert.match(source.codeOnly, /code\(\{ b: `\$\{ inner \}` \}\)/);
    assert.match(source.codeOnly, /after\(\)/);
    assert.doesNotMatch(source.codeOnly, /text/);
  });

  it("tells a regular expression from a division", () => {
    const source = readSource('const a = /["\'/]/.test(b); const c = d / e; const f = "g" / 2;');
    assert.match(source.codeOnly, /\.test\(b\); const c = d \/ e;/);
    assert.doesNotMatch(source.codeOnly, /g/);
  });
});

describe("importsOf", () => {
  it("finds static, dynamic, re-exported and required modules with their lines", () => {
    const text = [
      'import { a } from "one";',
      'import type { b } from "./two.js";',
      'export { c } from "three";',
      'import "four";',
      'const d = await import("five");',
      'const e = require("six");',
      "import {",
      "  f,",
      '} from "seven";',
    ].join("\n");
    const found = importsOf(readSource(text));
    assert.deepEqual(
      found.map((entry) => entry.specifier),
      ["one", "./two.js", "three", "four", "five", "six", "seven"],
    );
    assert.deepEqual(
      found.map((entry) => entry.line),
      [1, 2, 3, 4, 5, 6, 9],
    );
  });

  it("ignores what only looks like an import in a comment or a string", () => {
    assert.deepEqual(importsOf(readSource('// import "a"\nconst b = \'import "c"\';')), []);
  });
});
