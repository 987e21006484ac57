// Run before tests that need a browser: does nothing where there is one, installs Debian's where that is possible, and
// otherwise ends with a message and exit code 1.

import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { findChromium, NoChromiumError } from "./chromium.js";

try {
  if (!isThere()) install();
  findChromium({ whole: true });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function isThere(): boolean {
  try {
    findChromium({ whole: true });
    return true;
  } catch (error) {
    if (error instanceof NoChromiumError && process.env.CHROMIUM === undefined) return false;
    throw error;
  }
}

/** Only where it is ours to do: as root, with Debian's package manager. Elsewhere the search fails again and says so. */
function install(): void {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return;
  process.stderr.write(
    "Installing Chromium for the tests in a browser (apt-get install chromium chromium-headless-shell) ...\n",
  );
  const options: SpawnSyncOptions = {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  // Another installation may be running: its lock is waited for.
  const quiet = ["-qq", "-o", "DPkg::Lock::Timeout=300"];
  spawnSync("apt-get", [...quiet, "update"], options);
  const get = (name: string) => {
    const { status } = spawnSync("apt-get", [...quiet, "install", "-y", "--no-install-recommends", name], options);
    if (status !== 0) process.stderr.write(`apt-get could not install ${name}; what it said is above\n`);
  };
  get("chromium");
  // Makes the tests quicker; they run without it.
  get("chromium-headless-shell");
}
