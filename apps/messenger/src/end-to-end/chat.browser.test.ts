import assert from "node:assert/strict";
import { test } from "node:test";
import { field, message, pair, person, startServer, status, write, writeAtOnce } from "./support.js";

test("two people become contacts by a link, and write", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  await write(bob, "Hello Alice");
  await message(alice, "Hello Alice").waitFor();
  await status(bob, "Hello Alice", "Delivered").waitFor();
  await write(alice, "Hello Bob");
  await message(bob, "Hello Bob").waitFor();
  assert.equal(await alice.getByRole("heading", { name: "Bob" }).count(), 1);
  assert.equal(await bob.getByRole("heading", { name: "Alice" }).count(), 1);
  assert.equal(new URL(bob.url()).hash, "");
});

test("what strangers write is text and stays in its place", async (t) => {
  const server = await startServer(t);
  const { alice, bob } = await pair(t, server);
  const hostile = `<img src=x onerror="document.title='owned'"><script>1</script> \u202e drawkcab \u2066`;
  await write(bob, hostile);
  const shown = message(alice, "drawkcab");
  await shown.waitFor();
  assert.equal(await shown.locator(".text").textContent(), hostile);
  assert.equal(await alice.locator(".log img, .log script").count(), 0);
  assert.equal(await shown.locator(".text").evaluate((text) => getComputedStyle(text).unicodeBidi), "isolate");
  const long = "w".repeat(20_000);
  await write(bob, long);
  await alice.getByRole("button", { name: "Show all of it" }).waitFor();
  const { width, scroll } = await alice.evaluate(() => ({ width: innerWidth, scroll: document.body.scrollWidth }));
  assert.ok(scroll <= width, `${scroll} > ${width}`);
  await alice.getByRole("button", { name: "Show all of it" }).click();
  assert.equal((await message(alice, "wwww").locator(".text").textContent())!.length, long.length);
});

test("what is written to somebody who is not there arrives later, in order, and is counted", async (t) => {
  const server = await startServer(t);
  const { alice, bob } = await pair(t, server);
  const browser = bob.context();
  await bob.close();
  await writeAtOnce(alice, ["one", "two", "three"], "not finished");
  await status(alice, "three", "Sent").waitFor();
  assert.equal(await field(alice).inputValue(), "not finished");
  const again = await browser.newPage();
  await again.goto(server.origin);
  await again.getByRole("img", { name: "3 unread messages" }).waitFor();
  assert.equal(await again.title(), "(3) Messenger");
  await again.getByRole("button", { name: "Alice" }).click();
  await message(again, "three").waitFor();
  const texts = await again.getByRole("article").locator(".text").allTextContents();
  assert.deepEqual(texts, ["one", "two", "three"]);
  await status(alice, "three", "Delivered").waitFor();
  await again.getByRole("img", { name: "3 unread messages" }).waitFor({ state: "detached" });
});

test("after a reload everything is where it was, also what was not finished", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  await write(bob, "Hello Alice");
  await message(alice, "Hello Alice").waitFor();
  await field(alice).fill("not finished");
  await alice.waitForFunction(() => indexedDB.databases().then((all) => all.length > 0));
  await alice.getByRole("button", { name: "Settings" }).click();
  await alice.getByLabel("Tell contacts when I have read their messages").check();
  await alice.keyboard.press("Escape");
  await alice.reload();
  await message(alice, "Hello Alice").waitFor();
  assert.equal(await field(alice).inputValue(), "not finished");
  await write(bob, "Are you there?");
  await status(bob, "Are you there?", "Read").waitFor();
});

test("a link that was used, one's own, and a damaged one are refused plainly, and one that nobody answers is taken back", async (t) => {
  const server = await startServer(t);
  const { alice, link } = await pair(t, server);
  const { pathname, hash } = new URL(link);
  const carol = await person(t, server, "Carol", { path: pathname + hash });
  await carol.getByRole("heading", { name: "The invitation was used already or is over" }).waitFor();
  await alice.getByText("Somebody tried an invitation of yours").waitFor();
  await carol.getByRole("button", { name: "Remove" }).click();
  await carol.getByText("Nobody here yet").waitFor();
  await carol.getByRole("button", { name: "I have an invitation" }).click();
  await carol.getByLabel("Invitation link").fill(link.replace(/#s1\.[\w-]{43}/, `#s1.${"A".repeat(43)}`));
  await carol.getByRole("button", { name: "Accept" }).click();
  await carol.getByRole("heading", { name: "Invitation accepted, waiting for an answer" }).waitFor();
  await carol.getByRole("button", { name: "Remove" }).click();
  await carol.getByText("Nobody here yet").waitFor();
  await carol.getByRole("button", { name: "I have an invitation" }).click();
  await carol.getByLabel("Invitation link").fill(link.slice(0, -20));
  await carol.getByText("This link is damaged or over").waitFor();
  assert.equal(await carol.getByRole("button", { name: "Accept" }).isDisabled(), true);
  await carol.keyboard.press("Escape");
  await alice.getByRole("button", { name: "Invite somebody" }).first().click();
  const own = await alice.getByLabel("Invitation link").inputValue();
  await alice.keyboard.press("Escape");
  await alice.getByRole("button", { name: "I have an invitation" }).click();
  await alice.getByLabel("Invitation link").fill(own);
  await alice.getByRole("button", { name: "Accept" }).click();
  await alice.getByText("This invitation is your own").waitFor();
});

test("two people compare their safety number and are verified", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  await alice.getByRole("button", { name: "About Bob" }).click();
  await bob.getByRole("button", { name: "About Alice" }).click();
  const numbers = await Promise.all([alice, bob].map((page) => page.locator(".safety-number").textContent()));
  assert.match(numbers[0]!, /^(?:\d{5} ){11}\d{5}$/);
  assert.equal(numbers[0], numbers[1]);
  await alice.getByRole("button", { name: "They are the same" }).click();
  await alice.getByText("You have compared this number.").waitFor();
  await alice.keyboard.press("Escape");
  await alice.reload();
  await alice.getByRole("img", { name: "Verified" }).waitFor();
});

test("messages and people are found, and shown where they are", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  await write(alice, "The café is closed");
  for (let index = 0; index < 5; index++) await write(alice, `filler ${index}`);
  await message(bob, "filler 4").waitFor();
  await bob.getByLabel("Search in names and messages").fill("CAFE");
  await bob.getByRole("button", { name: "The café is closed" }).click();
  await bob.locator(".is-found").filter({ hasText: "café" }).waitFor();
  await bob.getByLabel("Search in names and messages").fill("ali");
  await bob.getByRole("heading", { name: "People" }).waitFor();
  await bob.getByLabel("Search in names and messages").fill("nowhere to be found");
  await bob.getByText("Nothing found.").waitFor();
});
