import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore, Messenger } from "messenger";
import { nodeWorld } from "messenger/node";
import { field, invite, person, startServer } from "./support.js";

const senders = 3;
const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`);

test("a mailbox of 150 messages opens whole and in order, also when the page is reloaded in between", async (t) => {
  const server = await startServer(t);
  const page = await person(t, server, "Reader");
  const people: Messenger[] = [];
  for (let index = 0; index < senders; index++) {
    const world = nodeWorld(server.origin);
    const sender = await Messenger.open({ store: new MemoryStore(), world, name: `Sender ${index}` });
    t.after(() => sender.close());
    sender.start();
    await sender.accept(await invite(page));
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("heading", { name: `Sender ${index}` }).waitFor();
    people.push(sender);
  }
  await field(page).waitFor();
  const context = page.context();
  await page.close();
  await Promise.all(
    people.map(async (sender) => {
      const [reader] = sender.contacts;
      const sent = new Promise<void>((resolve) => sender.on("drained", resolve));
      for (const text of texts) await sender.send(reader!.fingerprint, text);
      if (sender.waiting > 0) await sent;
    }),
  );
  const again = await context.newPage();
  await again.goto(server.origin);
  await again.waitForFunction(() => /^\(\d+\)/.test(document.title));
  await again.reload();
  await again.waitForFunction((count) => document.title.startsWith(`(${count})`), senders * texts.length);
  for (let index = 0; index < senders; index++) {
    await again.getByRole("button", { name: `Sender ${index}` }).click();
    await again.getByRole("heading", { name: `Sender ${index}` }).waitFor();
    assert.deepEqual(await again.getByRole("article").locator(".text").allTextContents(), texts);
  }
});
