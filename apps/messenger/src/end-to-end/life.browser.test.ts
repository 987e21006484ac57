import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { AxeResults, RunOptions } from "axe-core";
import { field, invite, message, type Page, pair, person, startServer, status, write } from "./support.js";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** WCAG 2.2, levels A and AA. */
const rules: RunOptions = { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };

/** What axe finds wrong with the page as it is now, each as the rule and the places that break it. */
async function faults(page: Page): Promise<string[]> {
  // A dialog that still fades in has no colours of its own.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  await page.evaluate(axeSource); // by the debugger, which the page's policy does not concern
  const { violations } = await page.evaluate<AxeResults, RunOptions>(
    (options) => (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    rules,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(", ")}`);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong, ${colorScheme}, on a desk and on a phone`, async (t) => {
    const server = await startServer(t);
    const carol = await person(t, server, "Carol", { colorScheme, viewport: { width: 390, height: 844 } });
    assert.deepEqual(await faults(carol), []);
    await invite(carol);
    assert.deepEqual(await faults(carol), []);
    const { alice, bob } = await pair(t, server, { colorScheme });
    await write(bob, "Hello Alice");
    await message(alice, "Hello Alice").waitFor();
    assert.deepEqual(await faults(alice), []);
    await alice.getByRole("button", { name: "Settings" }).click();
    assert.deepEqual(await faults(alice), []);
    await alice.getByRole("button", { name: "What this protects" }).click();
    await alice.getByRole("heading", { name: "What the server learns" }).waitFor();
    assert.deepEqual(await faults(alice), []);
    await alice.keyboard.press("Escape");
    await alice.getByRole("button", { name: "About Bob" }).click();
    await alice.locator(".safety-number").waitFor();
    assert.deepEqual(await faults(alice), []);
    await alice.keyboard.press("Escape");
    await alice.getByRole("button", { name: "I have an invitation" }).click();
    await alice.getByLabel("Invitation link").fill("no link");
    assert.deepEqual(await faults(alice), []);
  });
}

test("a file arrives as it was sent", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  const buffer = Buffer.from(Uint8Array.from({ length: 300_001 }, (_, at) => (at * 7919) >> 3));
  const name = "<b>plan</b> \u202egnp.exe";
  await bob.locator("input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  const saving = alice.waitForEvent("download");
  await message(alice, "plan").getByRole("button", { name: "Save" }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await saving).createReadStream()) chunks.push(chunk);
  const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(hash(Buffer.concat(chunks)), hash(buffer));
  assert.equal(await alice.locator(".log b").count(), 0);
});

test("while the server is away one goes on writing, and it all arrives when it is back", async (t) => {
  const server = await startServer(t);
  const { alice, bob } = await pair(t, server);
  await server.stop();
  await write(alice, "into the void");
  await status(alice, "into the void", "Waiting to be sent").waitFor();
  await server.start();
  await message(bob, "into the void").waitFor({ timeout: 60_000 });
  await status(alice, "into the void", "Delivered").waitFor();
  assert.equal(await message(bob, "into the void").count(), 1);
});

test("of two tabs the one that was opened last has the messenger, and the other can take it back", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  const second = await alice.context().newPage();
  await second.goto(alice.url());
  await alice.getByText("The messenger is open in another tab").waitFor();
  await second.getByRole("button", { name: "Bob" }).click();
  await write(bob, "which tab?");
  await message(second, "which tab?").waitFor();
  await alice.getByRole("button", { name: "Use it here" }).click();
  await second.getByText("The messenger is open in another tab").waitFor();
  await message(alice, "which tab?").waitFor(); // the conversation that was open is open again
  await write(alice, "this one");
  await message(bob, "this one").waitFor();
  assert.equal(await field(second).count(), 0);
});
