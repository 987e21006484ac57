import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { openPage } from "browser-testing";
import { serveDocs } from "./testing/serve-docs.js";

const fence = "```";
const js = (...lines: readonly string[]): string => [`${fence}js`, ...lines, fence, ""].join("\n");
const html = (...lines: readonly string[]): string => [`${fence}html`, ...lines, fence, ""].join("\n");

/** A page whose blocks have been run. */
async function open(t: TestContext, markdown: string) {
  const page = await openPage(t, { server: await serveDocs(t, { pages: { "/page.md": markdown } }), path: "/page.md" });
  await page.waitForSelector("html:not([data-literate='running'])");
  return page;
}

type Page = Awaited<ReturnType<typeof open>>;

/** What is told below each block. */
const results = (page: Page): Promise<(string | null)[]> =>
  page.$$eval(".block .results", (elements) => elements.map((element) => element.textContent));
const standing = (page: Page): Promise<string | null> => page.locator("html").getAttribute("data-literate");

describe("a literate page", () => {
  it("runs its blocks from top to bottom, each a module, on the HTML that stands in it", async (t) => {
    const page = await open(
      t,
      [
        "# Order",
        html('<output id="log"></output>'),
        js("const log = document.getElementById('log');", "await null;", "log.append('1');"),
        js("///", "document.getElementById('log').append('never');"),
        js("const log = document.getElementById('log');", "log.append('2', typeof combine);"),
        js("import { combine } from 'state-tree';", "document.getElementById('log').append(combine(1, 2));"),
      ].join("\n"),
    );
    assert.equal(await page.locator("#log").textContent(), "12undefined3");
    assert.deepEqual(await results(page), ["✓ ran", "✓ ran", "✓ ran"]);
    assert.deepEqual([await standing(page), await page.title()], ["held", "Order"]);
    assert.equal(await page.locator("pre").count(), 4, "every block is shown");
  });

  it("has files in blocks with names, for later blocks to import", async (t) => {
    const file = [`${fence}js counter.js`, "export const counter = { value: 1 };", fence, ""].join("\n");
    const use = "import { counter } from './counter.js';";
    const page = await open(t, file + js(use, "counter.value++;") + js(use, "document.title = counter.value;"));
    assert.equal(await page.title(), "2");
  });

  it("shows next to a block which assertions held and which did not", async (t) => {
    const assertions = "import assert from 'node:assert/strict';";
    const page = await open(
      t,
      [
        js(assertions, "assert.equal(1, 1);", "await assert.rejects(Promise.reject(new Error('no')), /no/);"),
        js(assertions, "assert.ok(true);", "assert.deepEqual([1], [2], 'unlike');", "never();"),
        js(assertions, "assert(1);"),
      ].join("\n"),
    );
    const [first, second, third] = await results(page);
    assert.deepEqual([first, third], ["✓ 2 assertions held", "✓ 1 assertion held"]);
    assert.match(second!, /^✓ 1 assertion held\n✗ line 3: AssertionError: unlike[^✗]*$/);
    assert.equal(await standing(page), "failed");
  });

  it("shows what a block throws, why it does not load, and goes on with the next", async (t) => {
    const page = await open(
      t,
      [
        js("", "throw new TypeError('<b>broken</b>');"),
        js("this is no program"),
        js("import 'nowhere';"),
        js("throw 'a text';"),
        js("document.title = 'went on';"),
      ].join("\n"),
    );
    const [thrown, unparsed, unfound, text, last] = await results(page);
    assert.equal(thrown, "✗ line 2: TypeError: <b>broken</b>");
    assert.match(unparsed!, /^✗ SyntaxError: /);
    assert.match(unfound!, /^✗ TypeError: .*nowhere/);
    assert.deepEqual([text, last], ["✗ thrown: a text", "✓ ran"]);
    assert.equal(await page.title(), "went on");
  });

  it("counts what goes wrong later", async (t) => {
    const late = "globalThis.late = () => { try { assert.equal(1, 2); } catch {} };";
    const page = await open(t, js("import assert from 'node:assert/strict';", late));
    assert.equal(await standing(page), "held");
    await page.evaluate(() => (globalThis as unknown as { late(): void }).late());
    assert.match((await results(page))[0]!, /^✗ line 2: AssertionError/);
    assert.equal(await standing(page), "failed");
  });

  it("is sanitised, in text and HTML blocks, and lets no other script in", async (t) => {
    const hostile = [
      '<img src="x" onerror="document.title = 1">',
      "<script>document.title = 2</script>",
      '<a id="link" href="javascript:document.title=3">link</a>',
      '<p id="kept">kept</p>',
      '<iframe srcdoc="<script>parent.document.title=4</script>"></iframe>',
    ];
    const page = await open(
      t,
      ["# Safe", ...hostile, "", html(...hostile), "[text](javascript:alert%281%29)"].join("\n"),
    );
    const main = page.locator("main");
    assert.equal(await main.locator("script, iframe, [onerror]").count(), 0);
    assert.equal(await main.locator("[href^='javascript:']").count(), 0);
    assert.equal(await page.locator("#kept").count(), 2);
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 5";
      document.body.append(script);
    });
    assert.equal(await page.title(), "Safe");
  });
});

describe("the server of the documentation", () => {
  it("shows other pages of the repository without running anything, and finds the one of a folder", async (t) => {
    const server = await serveDocs(t);
    const page = await openPage(t, { server, path: "/packages/state-tree" });
    await page.waitForSelector("html[data-literate='held']");
    assert.equal(new URL(page.url()).pathname, "/packages/state-tree/README.md");
    assert.match(await page.locator("main").innerText(), /combine\(a, b\)/);
    assert.equal(await page.locator(".block").count(), 0);
    await page.goto(`${server.origin}/docs/cale.md#noticing-a-man-in-the-middle`);
    await page.waitForSelector("h2#noticing-a-man-in-the-middle");
  });

  it("serves nothing outside of the repository, and no block that is only shown", async (t) => {
    const markdown = js("a();") + js("/// b();");
    const { origin } = await serveDocs(t, { pages: { "/page.md": markdown } });
    const status = async (path: string): Promise<number> => (await fetch(origin + path, { redirect: "manual" })).status;
    const paths = ["/page.md?block=0", "/page.md?block=1", "/page.md?block=2", "/page.md?block=x", "/gone.md", "/%"];
    assert.deepEqual(await Promise.all(paths.map(status)), [200, 404, 404, 404, 404, 400]);
    const outside = ["/%2e%2e/%2e%2e/x.md", "/..%2f..%2fx.js", "/.//packages/state-tree"];
    assert.deepEqual(await Promise.all(outside.map(status)), [404, 404, 404]);
  });
});
