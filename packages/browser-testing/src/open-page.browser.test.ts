import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, servePages } from "./index.js";

test("a page loads the packages of the repository by name", async (t) => {
  const page = await openPage(t);
  const frame = await page.evaluate(async () => {
    const { decode, encode } = await import("camp-protocol");
    return String(decode(encode({ type: "ack", sid: 7n, ack: 3 })).sid);
  });
  assert.equal(frame, "7");
});

test("a page of the test's own has the import map where it asks for it", async (t) => {
  const html = `<!doctype html><title>Own</title><!-- import map --><script type="module">
    import { SID_MAX } from "camp-protocol";
    document.title = String(SID_MAX);
  </script>`;
  const server = await servePages(t, { "/own": html });
  const page = await openPage(t, { server, path: "/own" });
  await page.waitForFunction(() => document.title === "18446744073709551615");
});

test("every page has storage of its own", async (t) => {
  const server = await servePages(t);
  const [first, second] = await Promise.all([openPage(t, { server }), openPage(t, { server })]);
  await first.evaluate(() => localStorage.setItem("key", "value"));
  assert.equal(await second.evaluate(() => localStorage.getItem("key")), null);
});

test("nothing outside of the repository is served", async (t) => {
  const { origin } = await servePages(t);
  const status = async (path: string) => (await fetch(origin + path)).status;
  assert.equal(await status("/packages/browser-testing/package.json"), 200);
  assert.equal(await status("/packages/%2e%2e%2f%2e%2e%2fpackage.json"), 404);
  assert.equal(await status("/packages/browser-testing/gone.js"), 404);
});
