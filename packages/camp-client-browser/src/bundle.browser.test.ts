import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { openPage, servePages } from "browser-testing";

const bundle = "/packages/camp-client-browser/dist/bundle/camp-client-browser.js";
/** Bytes of the prebuilt file, gzipped. Lower it when the file has become smaller; raise it only with a reason. */
const gzippedBytesMax = 35_000;

test("the prebuilt file stays within its budget", () => {
  const file = readFileSync(new URL("bundle/camp-client-browser.js", import.meta.url));
  const bytes = gzipSync(file, { level: 9 }).length;
  assert.ok(bytes <= gzippedBytesMax, `${bytes} bytes gzipped exceed ${gzippedBytesMax}`);
});

test("a page without a bundler loads the prebuilt file, whose errors have their names", async (t) => {
  const html = `<!doctype html><title>loading</title><script type="module">
    import { camp } from "${bundle}";
    camp("localhost", "secret", { timeout: -1 }).catch((error) => { document.title = error.name; });
  </script>`;
  const page = await openPage(t, { server: await servePages(t, { "/plain": html }), path: "/plain" });
  await page.waitForFunction(() => document.title === "OptionsError");
});

test("Node is told which package is the right one", async () => {
  const onNode = await import("./on-node.js");
  await assert.rejects(onNode.camp(), /camp-client-node/);
});
