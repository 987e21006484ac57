import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { findChromium } from "./chromium.js";

/** Nothing that could make it talk to anybody but who drives it. */
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

/** A browser that finds again, in `folder`, what its pages kept there. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: findChromium(), headless: true, args: flags });
}

export { findChromium };
