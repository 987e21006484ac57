import { test } from "node:test";
import { runTestsInPage } from "browser-testing";
import { writtenFiles } from "./repository.js";

/** What knows no platform, or is for browsers alone: its tests run on Node, and must hold where it is used. */
const forPages =
  /^packages\/(?:camp-protocol\/src|cryo-protocol\/src|camp-session\/src|camp-runtime\/src\/(?:common|web)|cryo-client-browser\/src)\//;

/** What is left out, and why. */
const leftOut: Readonly<Record<string, string>> = {
  "packages/camp-runtime/src/web/cryo-buffer.test.ts": "compares with Node's Buffer, which no page has",
  "packages/camp-session/src/fifo.test.ts": "makes V8 collect garbage, which a page cannot",
  "packages/camp-session/src/seeds.test.ts": "is what the simulation is made of",
};

/** Ten thousand seeds need minutes, and use nothing that the other tests do not. */
const isSimulation = (path: string): boolean => /\/simulation-\d\.test\.ts$/.test(path);

test("the tests of codecs, engine and CALE hold in Chromium", async (t) => {
  const files = writtenFiles()
    .filter((file) => forPages.test(file.path) && file.text.includes("node:test"))
    .map((file) => file.path)
    .filter((path) => path.endsWith(".test.ts") && !path.endsWith(".browser.test.ts"))
    .filter((path) => leftOut[path] === undefined && !isSimulation(path));
  const compiled = files.map((path) => path.replace("/src/", "/dist/").replace(/\.ts$/, ".js"));
  await runTestsInPage(t, compiled);
});
