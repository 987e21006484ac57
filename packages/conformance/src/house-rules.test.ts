import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHouseRules, fileLinesMax } from "./house-rules.js";

const wire = "packages/camp-protocol/src/a.ts";
const face = "packages/camp-server/src/a.ts";
const test = "packages/camp-server/src/a.test.ts";

/** The snippets carry a tilde where they would otherwise be found by the very search they are meant for. */
function problems(path: string, snippet: string): string[] {
  return checkHouseRules({ path, text: snippet.replaceAll("~", "") });
}

const offending: ReadonlyArray<readonly [string, string, string]> = [
  ["a platform name in the wire layer", wire, "const a = process.pid;"],
  ["a Buffer in the session layer", "packages/camp-session/src/a.ts", "const a = Buffer.from([]);"],
  ["a timer in the platform-free runtime", "packages/camp-runtime/src/common/a.ts", "setTimeout(f, 1);"],
  ["a clock of its own", wire, "const a = Date.now();"],
  ["randomness of its own", wire, "const a = Math.random();"],
  ["a declared global", wire, "declare const process: { pid: number };"],
  ["globalThis", wire, "const a = globalThis;"],
  ["console in a package", face, "console.log(1);"],
  ["the end of the process", face, "process.exit(1);"],
  ["export *", face, 'export * from "./b.js";'],
  ["any", face, "const a: ~any = 1;"],
  ["any as a type argument", face, "const a = new Map<string, ~any>();"],
  ["any as an assertion", test, "f(a as ~any);"],
  ["a silenced compiler", test, "// @ts-~ignore"],
  ["a skipped test", test, 'it.~skip("a", () => {});'],
  ["a focused group", test, 'describe.~only("a", () => {});'],
  ["a skipping option", test, 'it("a", { sk~ip: true }, () => {});'],
  ["a sleep", test, "await new Promise((resolve) => setTimeout(~resolve, 5~0));"],
  ["a sleep of Node", test, 'import { setTimeout } from "node:timers/~promises";'],
  ["unfinished work", "docs/a.md", "TO~DO: write"],
  ["a home folder", "docs/a.md", "see /home/~someone/project"],
  ["a file that is too long", face, "a();\n".repeat(fileLinesMax + 1)],
];

const harmless: ReadonlyArray<readonly [string, string, string]> = [
  ["a platform name in a comment", wire, "// unlike process.pid\nconst a = 1;"],
  ["a member of that name", wire, "this.host.setTimeout(f, 1); a.process.b();"],
  ["a signature of that name", wire, "interface Host { setTimeout(run: () => void, delayMs: number): unknown }"],
  ["a timer in a face", face, "setTimeout(f, 1);"],
  ["console in a test", test, "console.log(1);"],
  ["the word any", face, 'const a = "any"; // any\nconst b = AbortSignal.any([c]); const d = { any: 1 };'],
  ["a watchdog", test, "const timer = setTimeout(() => reject(new Error()), 5~000);"],
  ["an option of that name in a package", face, "const a = { skip: 1 };"],
  ["a turn of the event loop", test, 'import { setImmediate as turn } from "node:timers/promises"; await turn();'],
  ["a URL", "docs/a.md", "https://example.org/home/page"],
  ["a file that is just short enough", face, "a();\n".repeat(fileLinesMax)],
];

describe("the rules of the house", () => {
  for (const [what, path, snippet] of offending) {
    it(`find ${what}`, () => {
      assert.equal(problems(path, snippet).length, 1, problems(path, snippet).join("\n"));
    });
  }

  for (const [what, path, snippet] of harmless) {
    it(`leave ${what} alone`, () => {
      assert.deepEqual(problems(path, snippet), []);
    });
  }

  it("name the file, the line and the fault", () => {
    assert.deepEqual(problems(face, "\n\nconsole.log(1);"), [
      "packages/camp-server/src/a.ts:3: console in a package: console.",
    ]);
  });
});
