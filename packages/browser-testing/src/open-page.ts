import { after, type TestContext } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./launch.js";
import { type PageServer, servePages } from "./page-server.js";

/** What a page is opened with. */
export interface OpenPageOptions extends BrowserContextOptions {
  /** Where to go: by default to an empty page of a server of its own, whose import map knows the packages. */
  readonly server?: PageServer;
  readonly path?: string;
  /** By default one for all tests of a file; whoever gives another closes it. */
  readonly browser?: Browser;
}

let shared: Promise<Browser> | null = null;

/** One browser for all tests of a file; it takes half a second to start. */
function sharedBrowser(): Promise<Browser> {
  shared ??= launchChromium();
  return shared;
}

after(async () => {
  if (shared !== null) await (await shared).close();
});

/**
 * A page of its own profile, gone when the test ends. A script of it that throws fails the test, unless the test itself
 * listens to `pageerror`.
 */
export async function openPage(t: TestContext, options: OpenPageOptions = {}): Promise<Page> {
  const { server = await servePages(t), path = "/", browser = await sharedBrowser(), ...contextOptions } = options;
  const context = await browser.newContext(contextOptions);
  const errors: Error[] = [];
  context.on("weberror", (webError) => errors.push(webError.error()));
  t.after(async () => {
    await context.close();
    if (errors.length > 0) throw new AggregateError(errors, `the page threw: ${errors[0]!.message}`);
  });
  const page = await context.newPage();
  await page.goto(server.origin + path);
  return page;
}
