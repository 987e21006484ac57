import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { launchChromium } from "browser-testing";
import { field, invite, message, type Page, pair, person, startServer, status, write } from "./support.js";

// What the application does with the device that it runs on: files that are dropped, notifications, the camera, life without a network.

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "messenger-device-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Drags a file of the device over a place on the page, as a hand would, and lets it go there. */
async function dragFile(page: Page, file: string, selector: string, over: () => Promise<void>): Promise<void> {
  const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  const step = (type: "dragEnter" | "dragOver" | "drop") =>
    session.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
  await step("dragEnter");
  await step("dragOver");
  await over();
  await step("drop");
}

test("a file that is dropped on a conversation is sent", async (t) => {
  const { alice, bob } = await pair(t, await startServer(t));
  const file = join(folder(t), "dropped.txt");
  writeFileSync(file, "what was dropped");
  await dragFile(bob, file, ".log", () => bob.getByText("Drop files to send them").waitFor());
  await bob.getByText("Drop files to send them").waitFor({ state: "detached" });
  const saving = alice.waitForEvent("download");
  await message(alice, "dropped.txt").getByRole("button", { name: "Save" }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await saving).createReadStream()) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "what was dropped");
});

/** As when the user looks at another tab: without a window there is none. */
function hide(page: Page): Promise<void> {
  return page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

function notifications(page: Page): Promise<{ title: string; body: string }[]> {
  return page.evaluate(async () => {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.map(({ title, body }) => ({ title, body }));
  });
}

test("who asked for it, and whose browser allows it, is notified of what arrives unseen, not of what it says", async (t) => {
  const server = await startServer(t);
  const browser = await launchChromium({ whole: true });
  t.after(() => browser.close());
  const { alice, bob } = await pair(t, server, { browser });
  await alice.getByRole("button", { name: "Settings" }).click();
  const wish = alice.getByLabel("Notify me of new messages");
  await wish.click();
  await alice.getByText("The browser does not allow notifications").waitFor();
  assert.equal(await wish.isChecked(), false);
  await alice.context().grantPermissions(["notifications"], { origin: server.origin });
  await wish.check();
  await alice.keyboard.press("Escape");
  await write(bob, "seen at once");
  await message(alice, "seen at once").waitFor();
  assert.deepEqual(await notifications(alice), []);
  await hide(alice);
  await write(bob, "unseen");
  await message(alice, "unseen").waitFor();
  await alice.waitForFunction(async () => {
    return (await (await navigator.serviceWorker.ready).getNotifications()).length > 0;
  });
  assert.deepEqual(await notifications(alice), [{ title: "New message from Bob", body: "" }]);
});

test("without a server the application opens with everything, and what is written then goes out later", async (t) => {
  const server = await startServer(t);
  const { alice, bob } = await pair(t, server);
  await write(bob, "written before");
  await message(alice, "written before").waitFor();
  await alice.evaluate(() => navigator.serviceWorker.ready);
  await server.stop();
  await alice.reload();
  await message(alice, "written before").waitFor();
  await alice.getByText("No connection").waitFor();
  await write(alice, "written without a server");
  await status(alice, "written without a server", "Waiting to be sent").waitFor();
  await alice.reload();
  await status(alice, "written without a server", "Waiting to be sent").waitFor();
  await server.start();
  // The browser says when there is a network again: then nobody waits for the next attempt.
  for (const page of [alice, bob]) await page.evaluate(() => dispatchEvent(new Event("online")));
  await message(bob, "written without a server").waitFor();
  await status(alice, "written without a server", "Delivered").waitFor();
});

/** What stands on the screen there, as a film of one picture. */
async function film(page: Page, selector: string, path: string): Promise<void> {
  const picture = (await page.locator(selector).screenshot()).toString("base64");
  const [width, height] = [640, 480];
  const blank = await page.context().newPage();
  // Browsers read PNG; a page of its own has no policy against it.
  const luma = await blank.evaluate(
    async ({ picture, width, height }) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
      const context = new OffscreenCanvas(width, height).getContext("2d")!;
      context.fillStyle = "white";
      context.fillRect(0, 0, width, height);
      const side = height - 80;
      context.drawImage(image, (width - side) / 2, 40, side, side);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[4 * at]!);
    },
    { picture, width, height },
  );
  await blank.close();
  const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(luma), Buffer.alloc((width * height) / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(path, Buffer.concat([head, ...Array.from({ length: 10 }, () => frame)]));
}

test("the QR code of an invitation is read by another's camera, and who scans it has verified the other", async (t) => {
  const server = await startServer(t);
  const alice = await person(t, server, "Alice");
  await invite(alice);
  const camera = join(folder(t), "camera.y4m");
  await film(alice, ".qr", camera);
  const browser = await launchChromium({
    flags: [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-video-capture=${camera}`,
    ],
  });
  t.after(() => browser.close());
  const bob = await person(t, server, "Bob", { browser });
  await bob.getByRole("button", { name: "I have an invitation" }).click();
  await bob.getByRole("button", { name: "Scan" }).click();
  await bob.locator(".contact-state").getByText("Verified").waitFor();
  await field(alice).waitFor();
  await write(bob, "Hello from the camera");
  await message(alice, "Hello from the camera").waitFor();
});
