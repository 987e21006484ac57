import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLiterate, partsOf } from "./index.js";

const fence = "```";
const page = [
  "# Title",
  `${fence}html`,
  "<p id=a></p>",
  fence,
  `${fence}js run.js`,
  "run();",
  fence,
  `${fence}js`,
  "/// shown",
  fence,
  "> quoted",
  ">",
  `> ${fence}js`,
  "> quoted();",
  `> ${fence}`,
  "",
  `${fence}sh`,
  "npm start",
  fence,
].join("\n");

describe("the parts of a page", () => {
  it("are its text, its HTML and its modules, in order", () => {
    const parts = partsOf(page, true);
    assert.deepEqual(
      parts.map(({ type }) => type),
      ["prose", "html", "js", "js", "prose"],
    );
    assert.deepEqual(parts[1], { type: "html", html: "<p id=a></p>" });
    assert.deepEqual(parts[2], { type: "js", number: 0, name: "run.js", code: "run();", runs: true });
    assert.deepEqual(parts[3], { type: "js", number: 1, name: null, code: "/// shown", runs: false });
    assert.match(JSON.stringify(parts[4]), /quoted\(\);.*npm start/);
  });

  it("are text alone where the page is not literate", () => {
    assert.deepEqual(
      partsOf(page, false).map(({ type }) => type),
      ["prose"],
    );
    assert.deepEqual([isLiterate("<!-- literate: runs -->\n# A"), isLiterate("# literate")], [true, false]);
  });
});
