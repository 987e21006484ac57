import { existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where to look, the environment and the platform of this process unless said otherwise, and for what. */
export interface ChromiumSearch {
  /** Not the headless shell, which is the same engine without what surrounds it: notifications, pages kept for later. */
  readonly whole?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/** There is no browser to run the tests in. Says where it was looked for and how to get one. */
export class NoChromiumError extends Error {
  override readonly name = "NoChromiumError";
  constructor(places: readonly string[]) {
    super(
      `no Chromium was found (${places.join(", ")}); install it (on Debian as root: apt-get install chromium) ` +
        "or set CHROMIUM to the path of a Chromium or Chrome",
    );
  }
}

/** Opens pages at a third of the cost. */
const headlessShell = "chromium-headless-shell";
const wholeBrowsers = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** Where the installers of other systems put it. */
const usualPaths: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ],
  win32: ["C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"],
};

/**
 * The path of the browser: what the variable CHROMIUM says, else the headless shell, else the first that is found.
 * @throws {NoChromiumError} when there is none
 */
export function findChromium(search: ChromiumSearch = {}): string {
  const { env = process.env, platform = process.platform, whole = false } = search;
  const chosen = env.CHROMIUM;
  if (chosen) {
    if (isFile(chosen)) return chosen;
    throw new NoChromiumError(["CHROMIUM leads to no file"]);
  }
  const names = whole ? wholeBrowsers : [headlessShell, ...wholeBrowsers];
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [...candidates, ...(usualPaths[platform] ?? [])].find(isFile);
  if (found !== undefined) return found;
  throw new NoChromiumError([`${names.join(", ")} in PATH`, ...(usualPaths[platform] ?? [])]);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
