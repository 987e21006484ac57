// Installs what is missing, builds what changed, and runs one of the jobs below. It needs nothing but Node and npm, so that
// `npm start` and `npm test` are all that a fresh clone takes.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism, constants } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];
const inspectorPage = "packages/session-inspector/src/page";
const messenger = ["page", "worker", "server"].map((part) => `apps/messenger/src/${part}`);

const jobs = {
  async start(args) {
    await build(...messenger, inspectorPage);
    await bundle("bundle-messenger");
    await bundle("bundle-inspector");
    await node(["apps/messenger/dist/server/main.js", ...args]);
  },
  async demo(args) {
    await build("apps/demo", inspectorPage);
    await bundle("bundle-inspector");
    await node(["apps/demo/dist/main.js", ...args]);
  },
  async test(args) {
    await build();
    await bundle();
    const options = args.filter((arg) => arg.startsWith("-"));
    const files = compiledTests(args.filter((arg) => !arg.startsWith("-")));
    if (files.length === 0) fail("no test file matches");
    if (files.some((file) => file.endsWith(".browser.test.js"))) await findBrowser();
    await node(["--enable-source-maps", "--test", ...testDefaults(options), ...options, ...files]);
  },
  async typecheck(args) {
    await build(...args);
  },
  async lint(args) {
    const colors = process.stdout.isTTY ? [] : ["--colors=off"];
    await node(["node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", ...colors, ...args]);
  },
  async simulate(args) {
    await build("packages/camp-session");
    await node(["scripts/simulate.mjs", ...args]);
  },
  async chaos(args) {
    await build("apps/chaos");
    await node(["apps/chaos/dist/main.js", ...args]);
  },
  async fuzz(args) {
    await build("packages/conformance");
    await node(["scripts/fuzz.mjs", ...args]);
  },
  async attack(args) {
    await build("packages/conformance");
    await node(["scripts/attack.mjs", ...args]);
  },
  async soak(args) {
    await build("packages/camp-server", "packages/camp-client-node");
    await node(["bench/soak.mjs", ...args]);
  },
  async docs(args) {
    await build("packages/literate");
    await node(["packages/literate/dist/serve.js", ...args]);
  },
  async example(args) {
    await build("packages/camp-server", "packages/camp-client-browser", "packages/cryo-client-browser");
    await bundle();
    await node(["examples/browser/server.mjs", ...args]);
  },
  async bench(args) {
    const measured = [
      "camp-server",
      "camp-client-node",
      "cryo-server",
      "cryo-client-node",
      "state-tree",
      "browser-testing",
    ];
    const paths = measured.map((name) => `packages/${name}`);
    await build(...paths, ...messenger, "packages/messenger/src/node");
    await bundle("bundle-messenger");
    // The systems that it compares with have a lock file of their own: nobody else needs their seventy packages.
    await install("bench");
    await node(["bench/run.mjs", ...args]);
  },
};

if (isTooOld(process.versions.node)) {
  fail(`Node ${oldestNode.join(".")} or later is needed; this is ${process.versions.node}`);
}
const [name = "", ...args] = process.argv.slice(2);
const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
if (job === undefined) fail(`usage: node scripts/run.mjs ${Object.keys(jobs).join("|")} [arguments]`);
process.chdir(root);
await install();
await job(args);

function isTooOld(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

/** Installs exactly what the lock file of a folder says, if that is not what is there. */
async function install(folder = ".") {
  if (isInstalled(folder)) return;
  console.error(`Installing the dependencies${folder === "." ? "" : ` of ${folder}`} (npm ci) ...`);
  // A production setting of the reader's npm must not leave out the compiler.
  const npmArgs = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith(".js")
    ? await run(process.execPath, [npm, ...npmArgs], { cwd: folder })
    : await run("npm", npmArgs, { cwd: folder, shell: process.platform === "win32" });
  if (code !== 0) fail(`npm ci failed with exit code ${code}; what it said is above`, code);
}

/**
 * Compares what npm noted at its last installation with the lock file. Contents, not times of change: a checkout touches
 * files that are the same. Packages for other platforms are listed in the lock file but not installed.
 */
function isInstalled(folder) {
  const packagesOf = (lockFile) => JSON.parse(readFileSync(join(folder, lockFile), "utf8")).packages;
  try {
    const wanted = packagesOf("package-lock.json");
    const present = packagesOf(join("node_modules", ".package-lock.json"));
    return Object.entries(wanted).every(([path, entry]) => {
      if (!path.startsWith("node_modules/") || entry.optional) return true;
      const { version, resolved } = present[path] ?? {};
      return version === entry.version && resolved === entry.resolved && existsSync(join(folder, path));
    });
  } catch {
    return false;
  }
}

async function build(...projects) {
  const code = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...projects]);
  if (code !== 0) fail("the build failed; what the compiler said is above", code);
  await bundle("bundle-node");
}

/** Makes files that Node or browsers load; by default those for browsers, which tests load and measure. */
async function bundle(script = "bundle") {
  const code = await run(process.execPath, [`scripts/${script}.mjs`]);
  if (code !== 0) fail("the bundles could not be made; what esbuild said is above", code);
}

/** The compiled form of every test there is a source of: what an older source left in `dist` does not run. */
function compiledTests(filters) {
  const files = [];
  for (const group of ["packages", "apps"]) {
    for (const name of readdirSync(group)) {
      const source = join(group, name, "src");
      if (!existsSync(source)) continue;
      for (const file of readdirSync(source, { recursive: true })) {
        if (!file.endsWith(".test.ts")) continue;
        files.push(join(group, name, "dist", file.replace(/\.ts$/, ".js")));
      }
    }
  }
  const matches = (file) => filters.some((filter) => file.split(sep).join("/").includes(filter));
  return filters.length === 0 ? files.sort() : files.filter(matches).sort();
}

/** Installs Chromium where it is missing and may be installed. */
async function findBrowser() {
  const code = await run(process.execPath, ["packages/browser-testing/dist/install-chromium.js"]);
  if (code !== 0) fail("tests named *.browser.test.ts need a browser; what to do is above");
}

function testDefaults(options) {
  const has = (name) => options.some((option) => option.startsWith(name));
  return [
    // Two at least: on a small machine much of a test's time is waiting for another process.
    ...(has("--test-concurrency") ? [] : [`--test-concurrency=${Math.max(2, availableParallelism())}`]),
    // A test that hangs fails after a while instead of holding up the run.
    ...(has("--test-timeout") ? [] : ["--test-timeout=180000"]),
    ...(has("--test-reporter") ? [] : ["--test-reporter=spec"]),
  ];
}

/** Runs a job's last step: this process ends as that one did. */
async function node(nodeArgs) {
  process.exitCode = await run(process.execPath, nodeArgs);
}

/** Runs a program on this terminal, passes signals on to it, and resolves to its exit code. */
function run(command, commandArgs, options = {}) {
  const child = spawn(command, commandArgs, { cwd: root, stdio: "inherit", ...options });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve) => {
    child.once("error", (error) => fail(`${command} could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

function fail(message, code = 1) {
  console.error(`${relative("", fileURLToPath(import.meta.url)) || "run.mjs"}: ${message}`);
  process.exit(code);
}
