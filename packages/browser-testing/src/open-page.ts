import { after, type TestContext } from "node:test";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "./chromium.js";
import { type PageServer, servePages } from "./page-server.js";

/** What a page is opened with. */
export interface OpenPageOptions extends BrowserContextOptions {
  /** Where to go: by default to an empty page of a server of its own, whose import map knows the packages. */
  readonly server?: PageServer;
  readonly path?: string;
  /** By default one for all tests of a file; whoever gives another closes it. */
  readonly browser?: Browser;
}

/** Nothing that could make it talk to anybody but the test. */
const flags = [
  "--disable-quic",
  "--disable-gpu",
  "--disable-sync",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  // A name that is no secure context, as 127.0.0.1 is one.
  "--host-resolver-rules=MAP insecure.test 127.0.0.1",
];

/** A browser of one's own, for tests that must restart or configure it. Playwright's own flags can be left out. */
export function launchChromium(extraFlags: readonly string[] = [], without: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [...flags, ...extraFlags],
    ignoreDefaultArgs: [...without],
  });
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
