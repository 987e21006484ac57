import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openPage } from "browser-testing";
import { repositoryRoot } from "browser-testing/files";
import { isLiterate } from "./index.js";
import { serveDocs } from "./testing/serve-docs.js";

const folder = join(repositoryRoot, "docs");
const pages = readdirSync(folder).filter(
  (name) => name.endsWith(".md") && isLiterate(readFileSync(join(folder, name), "utf8")),
);

/** How many nodes a page must have drawn. */
const nodesOf: Readonly<Record<string, number>> = { "state-tree.md": 10, "websocket.md": 20 };

describe("the literate pages of the documentation", () => {
  it("are those that are linked as such", () => {
    assert.deepEqual(pages.sort(), ["state-tree.md", "testing.md", "websocket.md"]);
  });

  for (const name of pages) {
    for (const width of [360, 1200]) {
      it(`${name} holds what it asserts, ${width} pixels wide`, async (t) => {
        const page = await openPage(t, {
          server: await serveDocs(t),
          path: `/docs/${name}`,
          viewport: { width, height: 800 },
        });
        await page.waitForSelector("html:not([data-literate='running'])");
        const results = await page.$$eval(".results", (elements) =>
          elements.map((element) => element.textContent ?? ""),
        );
        assert.deepEqual(
          results.filter((text) => text.includes("✗")),
          [],
        );
        assert.ok(results.filter((text) => /^✓ \d+ assertions? held$/.test(text)).length >= 3, results.join());
        assert.equal(await page.locator("html").getAttribute("data-literate"), "held");
        assert.ok((await page.locator("[data-node]").count()) >= (nodesOf[name] ?? 0));
        const { pageWidth, windowWidth } = await page.evaluate(() => ({
          pageWidth: document.documentElement.scrollWidth,
          windowWidth: innerWidth,
        }));
        assert.ok(pageWidth <= windowWidth, `${pageWidth} pixels of page in ${windowWidth}`);
      });
    }
  }
});
