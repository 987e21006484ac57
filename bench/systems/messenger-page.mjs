// One who is written to while away: the application in Chromium.

import { launchProfile } from "browser-testing/launch";

let browser;
let page;

export async function begin({ port, folder }) {
  await prepare({ folder });
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.locator("#name").fill("Reader");
  await page.locator("#name").press("Enter");
}

/** The dialog closes by itself when the invitation is used. */
export async function invite() {
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Invite somebody" }).first().click();
  const field = page.getByLabel("Invitation link");
  await field.waitFor();
  return field.inputValue();
}

export async function leave() {
  await browser.close();
}

/** The browser, without the page. */
export async function prepare({ folder }) {
  browser = await launchProfile(folder);
  page = browser.pages()[0] ?? (await browser.newPage());
}

/** From the address until the title says that so many are unread: all of them opened, stored and drawn. */
export async function fetchMailbox({ port, messages }) {
  const start = performance.now();
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction((count) => document.title.startsWith(`(${count})`), messages);
  return { operations: messages, seconds: (performance.now() - start) / 1000 };
}
