import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the examples of the README run", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1]!);
  assert.ok(examples.length > 0);
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  for (const example of examples) execFileSync(process.execPath, ["--input-type=module", "--eval", example], { cwd });
});
