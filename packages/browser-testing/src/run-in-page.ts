import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { repositoryRoot } from "./import-map.js";
import type { PageTestResult } from "./in-page/node-test.js";
import { openPage } from "./open-page.js";
import { type Page as ServedPage, servePages } from "./page-server.js";

const inPage = (name: string): string => fileURLToPath(new URL(`in-page/${name}.js`, import.meta.url));

/** What takes the place of Node's modules in a page. */
const substitutes = {
  "node:assert/strict": inPage("node-assert"),
  "node:crypto": inPage("node-crypto"),
  "node:fs": inPage("node-fs"),
  "node:test": inPage("node-test"),
};

/**
 * Runs compiled tests that were written for Node in a page, each of their tests as one of `t`.
 * @param files paths from the root of the repository, such as `packages/camp-session/dist/outbox.test.js`
 */
export async function runTestsInPage(t: TestContext, files: readonly string[]): Promise<void> {
  const pages: Record<string, ServedPage> = {};
  // Each bundle stands where its file is, so that what the tests read beside them is found.
  for (const file of files) pages[`/${file}`] = await serveBundle(file);
  const page = await openPage(t, { server: await servePages(t, pages) });
  for (const file of files) await t.test(file, (t) => runFile(t, page, file));
}

async function runFile(t: TestContext, page: Page, file: string): Promise<void> {
  await page.reload();
  const results = await page.evaluate(async (url): Promise<PageTestResult[]> => {
    await import(url);
    return (globalThis as unknown as { runTests(): Promise<PageTestResult[]> }).runTests();
  }, `/${file}`);
  if (results.length === 0) throw new Error(`${file} has no test`);
  for (const { name, error } of results) {
    await t.test(name, () => {
      if (error !== null) throw new Error(`in the page: ${error}`);
    });
  }
}

async function serveBundle(file: string): Promise<ServedPage> {
  const { outputFiles } = await build({
    entryPoints: [join(repositoryRoot, file)],
    alias: substitutes,
    inject: [inPage("globals")],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const code = outputFiles[0]!.text;
  return (_request, response) => {
    response.setHeader("Content-Type", "text/javascript");
    response.end(code);
  };
}
