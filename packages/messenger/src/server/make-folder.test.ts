import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeFolder } from "./make-folder.js";
import { serveMessenger } from "./serve.js";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "messenger-folder-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("a folder is made with those above it, for its owner alone, and may be there already", (t) => {
  const above = join(folder(t), "a");
  const path = join(above, "b", "c");
  makeFolder(path, 0o700);
  makeFolder(path, 0o700);
  for (const made of [above, path]) assert.equal(statSync(made).mode & 0o777, 0o700);
});

test("a file in the way is left alone", (t) => {
  const file = join(folder(t), "file");
  writeFileSync(file, "kept");
  assert.throws(() => makeFolder(file, 0o700), { code: "EEXIST" });
  assert.throws(() => makeFolder(join(file, "below"), 0o700), { code: /^(EEXIST|ENOTDIR)$/ });
});

test("where no folder can be made a server says so in one line", async () => {
  const serving = serveMessenger({ dataDir: "/proc/messenger/data", port: 0, host: "127.0.0.1" });
  await assert.rejects(serving, { code: "STORE", message: /^the store \/proc\/messenger\/data cannot be [^\n]+$/ });
});
