import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findChromium, NoChromiumError } from "./index.js";

function folder(t: TestContext, ...files: string[]): string {
  const path = mkdtempSync(join(tmpdir(), "camp-chromium-"));
  t.after(() => rmSync(path, { recursive: true }));
  for (const file of files) writeFileSync(join(path, file), "");
  return path;
}

test("the first browser in the path is taken, and what CHROMIUM says before it", (t) => {
  const [empty, full] = [folder(t), folder(t, "google-chrome", "chromium", "own")];
  mkdirSync(join(empty, "chromium"));
  const env = { PATH: [empty, full].join(delimiter) };
  assert.equal(findChromium({ env }), join(full, "chromium"));
  assert.equal(findChromium({ env: { ...env, CHROMIUM: join(full, "own") } }), join(full, "own"));
});

test("the headless shell is taken where the whole browser is not asked for", (t) => {
  const env = { PATH: [folder(t, "chromium"), folder(t, "chromium-headless-shell")].join(delimiter) };
  assert.match(findChromium({ env }), /chromium-headless-shell$/);
  assert.match(findChromium({ env, whole: true }), /chromium$/);
});

test("a machine without a browser gets a message that says what to do", (t) => {
  const env = { PATH: folder(t) };
  const search = { env, platform: "linux" } as const;
  assert.throws(() => findChromium(search), NoChromiumError);
  assert.throws(() => findChromium(search), /apt-get install chromium.*set CHROMIUM/);
  assert.throws(() => findChromium({ env: { ...env, CHROMIUM: join(env.PATH, "gone") } }), /CHROMIUM leads to no file/);
});

test("the installation fails with that message where the browser that was asked for is missing", (t) => {
  const program = fileURLToPath(new URL("install-chromium.js", import.meta.url));
  const result = spawnSync(process.execPath, [program], {
    env: { CHROMIUM: join(folder(t), "gone") },
    encoding: "utf8",
  });
  assert.equal(result.status, 1);
  assert.match(result.stderr, /^no Chromium was found .*apt-get install chromium/);
});
