import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { type ChromiumSearch, findChromium } from "./chromium.js";

/** Nothing that could make it talk to anybody but who drives it. */
const quiet = [
  "--disable-quic",
  "--disable-gpu",
  "--disable-sync",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  // A name that is no secure context, as 127.0.0.1 is one.
  "--host-resolver-rules=MAP insecure.test 127.0.0.1",
];

/** How a browser differs from what tests usually get. */
export interface LaunchOptions extends Pick<ChromiumSearch, "whole"> {
  readonly flags?: readonly string[];
  /** Playwright's own flags that are left out. */
  readonly without?: readonly string[];
}

/** A browser of one's own, for tests that must restart or configure it. */
export function launchChromium({ flags = [], without = [], whole = false }: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium({ whole }),
    headless: true,
    args: [...quiet, ...flags],
    ignoreDefaultArgs: [...without],
  });
}

/** A browser that finds again, in `folder`, what its pages kept there. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: findChromium(), headless: true, args: quiet });
}

export { findChromium };
