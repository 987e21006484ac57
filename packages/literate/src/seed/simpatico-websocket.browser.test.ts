import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { openPage } from "browser-testing";
import { serveDocs } from "../testing/serve-docs.js";

const copy = new URL("../../fixtures/simpatico-websocket.md", import.meta.url);
const original = new URL("../../../../../shared/seeds/simpatico-websocket.md", import.meta.url);
const seed = readFileSync(copy, "utf8");

/** Where the imports of the page lead; the page itself is as it was written. */
const imports = {
  "/seed/simpatico.js": "/packages/literate/dist/seed/simpatico.js",
  "/seed/friendly.js": "/packages/state-tree/dist/index.js",
  "/seed/node_modules/webcryptobox/index.js": "/node_modules/webcryptobox/index.js",
};

/** The page in Chromium once its trees have this many nodes; anything it throws fails the test. */
async function open(t: TestContext, markdown: string, nodes: Readonly<Record<string, number>>) {
  const { origin } = await serveDocs(t, { pages: { "/seed/websocket.md": markdown }, imports });
  const page = await openPage(t);
  const lines: string[] = [];
  page.on("console", (message) => lines.push(`${message.type()} ${message.text()}`));
  await page.goto(`${origin}/seed/websocket.md`);
  await page.waitForSelector("html[data-literate='held']");
  for (const [id, count] of Object.entries(nodes)) {
    await page.waitForFunction(
      ({ id, count }) => document.querySelectorAll(`#${id} [data-node]`).length === count,
      { id, count },
      { timeout: 20_000 },
    );
  }
  assert.deepEqual(
    lines.filter((line) => line.startsWith("error")),
    [],
  );
  return { page, lines };
}

describe("the page of users of old", () => {
  it("is the one they know", () => {
    // Not everywhere is the original at hand.
    if (existsSync(original)) assert.equal(seed, readFileSync(original, "utf8"));
    assert.match(seed, /^# Websocket/);
  });

  it("runs as it was written, and draws its tree", async (t) => {
    const { page } = await open(t, seed, { "registration-protocol-render": 11 });
    assert.equal(await page.locator("#connection-render [data-node]").count(), 0);
    await page.locator("[data-node='10']").click();
    assert.match(await page.locator(".stree-detail").innerText(), /registered: false/);
  });

  it("runs whole when nothing in it is only shown", async (t) => {
    const whole = seed.replaceAll(/^\/\/\/.*\n/gm, "");
    const { lines } = await open(t, whole, { "connection-render": 16, "registration-protocol-render": 11 });
    for (const line of ["log Sent: hello from client 1", "log Recieved: hello from server 2"]) {
      assert.ok(lines.includes(line), `${line} is not in ${lines.join("\n")}`);
    }
  });
});
