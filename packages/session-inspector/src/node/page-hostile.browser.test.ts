import assert from "node:assert/strict";
import { test } from "node:test";
import {
  box,
  detail,
  figure,
  header,
  openScripted,
  type Page,
  rowLine,
  standing,
  stepLine,
  write,
} from "./support.test.js";

const markup = `<img src=x onerror="document.title='owned'">`;
/** What obeys nobody once it is shown: control characters, and one that turns round what follows it. */
const controls = "a\u0000\u001b[31m\u202eb";
const escapedControls = "a\\u0000\\u001b[31m\\u202eb";
const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;

/** The page runs nothing of others and has no element of theirs. */
async function expectUnharmed(view: Page): Promise<void> {
  assert.equal(await view.title(), "Sessions");
  assert.equal(await view.locator("body img, body script, body b").count(), 0);
  assert.equal(await view.evaluate(() => "polluted" in {} || Object.keys(Object.prototype).length > 0), false);
  assert.doesNotMatch(await view.locator("body").evaluate((body) => body.textContent!), /(?!\n)[\p{Cc}\u202e]/u);
}

/** Hostile as a name, a frame, an event's text. */
const names = [markup, controls, "__proto__", "constructor", "toString=1 __proto__=2 <b>=3", "\u{1f600}\ud800", ""];

function hostileLines(): string[] {
  const heads = names.map((name, index) => rowLine(index + 1, { dialect: name, session: name }));
  const steps = names.flatMap((name, index) => [
    stepLine(index + 1, index * 2, { frame: name, handler: "send", direction: "out" }),
    stepLine(index + 1, index * 2 + 1, { event: "error", reason: name, handler: "error", changed: { state: name } }),
  ]);
  return [header, ...heads, ...steps];
}

test("hostile names in live steps are harmless text", async (t) => {
  const { view, connection } = await openScripted(t);
  write(await connection(0), ...hostileLines());
  await standing(view).getByText("22 nodes, 7 rows").waitFor();
  for (let number = 0; number < names.length * 2; number++) {
    await box(view, number).click();
    await detail(view)
      .getByRole("heading", { name: new RegExp(`^step ${number}:`, "i") })
      .waitFor();
    await view
      .getByRole("button", { name: number === 1 ? "Mark to compare" : /^Mark/ })
      .first()
      .waitFor();
    if (number === 1) await view.getByRole("button", { name: "Mark to compare" }).click();
  }
  await box(view, 2).click();
  assert.ok((await detail(view).textContent())!.includes(`type${escapedControls}`));
  await box(view, 0).click();
  assert.ok((await detail(view).textContent())!.includes("<img"));
  await figure(view, "unreadable").getByText("0").waitFor();
  await view.locator("option", { hasText: escapedControls }).waitFor({ state: "attached" });
  await expectUnharmed(view);
});

test("live steps that are none are counted, and those that are go on", async (t) => {
  const { view, connection } = await openScripted(t);
  const feed = await connection(0);
  const unreadable = [
    stepLine(1, 1, { handler: "__proto__" }),
    stepLine(1, 1, { handler: markup }),
    stepLine(1, 1, { [markup]: 1 }),
    '{"row":1,"__proto__":{"polluted":true},"handler":"send","number":1,"atMs":1,"event":"x"}',
    '{"row":1,"constructor":1,"handler":"send","number":1,"atMs":1,"event":"x"}',
    stepLine(1, 1, { frame: "x".repeat(1_000_000) }),
    `{"row":1,"handler":"send","number":1,"atMs":1,"event":"x","changed":${deep}}`,
    deep,
    stepLine(9, 1),
    stepLine(1, -1),
    "not JSON",
    "null",
  ];
  write(feed, header, rowLine(1), stepLine(1, 0), ...unreadable, stepLine(1, 1));
  await box(view, 1).waitFor();
  await figure(view, "unreadable").getByText(String(unreadable.length)).waitFor();
  assert.equal(await standing(view).textContent(), "4 nodes, 1 row");
  await expectUnharmed(view);
});

test("broken recordings are refused with line and field, and what was shown stays", async (t) => {
  const { view, connection } = await openScripted(t);
  write(await connection(0), header, rowLine(1), stepLine(1, 0));
  await box(view, 0).waitFor();
  const long = rowLine(1, { dialect: "x".repeat(1_000_000) });
  const cases: [text: string, message: string][] = [
    ["", "there is no line"],
    ["\u0000\u0001", "line 1: is not JSON"],
    ['{"recording":2,"payloads":false}', "line 1: recording: is of version 2, and this package reads 1"],
    [`${header}\n{"row":1`, "line 2: is not JSON"],
    [`${header}\n${rowLine(1)}\n${rowLine(1)}`, "line 3: row: began before"],
    [`${header}\n${stepLine(1, 0)}`, "line 2: row: did not begin"],
    [`${header}\n${rowLine(1, { [`${controls}${markup}`]: 1 })}`, `line 2: "${escapedControls}<img src=x onerror=`],
    [`${header}\n${long}`, `line 2: has ${long.length} characters, more than 140000`],
    [`${header}\n${deep}`, "line 2: must be an object"],
    [`${header}\n{"__proto__":{"polluted":1}}`, 'line 2: "__proto__": is no field of it'],
  ];
  for (const [text, message] of cases) {
    await view
      .locator("input[type=file]")
      .setInputFiles({ name: "x.jsonl", mimeType: "text/plain", buffer: Buffer.from(text) });
    await view.getByText(`This is no recording: ${message}`).waitFor();
  }
  assert.equal(await box(view, 0).count(), 1);
  await expectUnharmed(view);
});

test("hostile names in a file are harmless text, and its sessions are filtered like live ones", async (t) => {
  const { view, connection, token } = await openScripted(t);
  write(await connection(0), header, rowLine(1), stepLine(1, 0));
  await box(view, 0).waitFor();
  const buffer = Buffer.from(hostileLines().join("\n"));
  await view.locator("input[type=file]").setInputFiles({ name: `${markup}.jsonl`, mimeType: "text/plain", buffer });
  await standing(view).getByText("22 nodes, 7 rows").waitFor();
  await view.getByRole("combobox", { name: "Session" }).selectOption("2");
  await standing(view).getByText("3 nodes (19 hidden), 1 of 7 rows").waitFor();
  await box(view, 3).click();
  await expectUnharmed(view);
  await view.getByRole("button", { name: "Back to live" }).click();
  await standing(view).getByText("3 nodes, 1 row").waitFor();
  assert.equal(await view.getByRole("combobox", { name: "Session" }).inputValue(), "");
  const all = await view.evaluate(() => document.documentElement.outerHTML + location.href + document.title);
  assert.ok(!all.includes(token));
});

test("a hidden kind takes no place: keys go past it, filters do not find it, and the page says how many are hidden", async (t) => {
  const { view, connection } = await openScripted(t);
  const feed = await connection(0);
  const ack = { handler: "ack", frame: "ack rare=1" };
  write(feed, header, rowLine(1), stepLine(1, 0), stepLine(1, 1, ack), stepLine(1, 2, ack), stepLine(1, 3));
  await box(view, 3).waitFor();
  await box(view, 0).click();
  await view.getByRole("button", { name: "ack", exact: true }).click();
  await standing(view).getByText("4 nodes (2 hidden), 1 row").waitFor();
  assert.equal(await box(view, 1).count(), 0);
  await view.locator(".stree-picture").focus();
  await view.keyboard.press("ArrowRight");
  assert.equal(await box(view, 3).getAttribute("aria-selected"), "true");
  write(feed, stepLine(1, 4, ack), stepLine(1, 5));
  await box(view, 5).waitFor();
  assert.equal(await box(view, 4).count(), 0);
  await view.getByPlaceholder("Filter rows").fill("rare");
  await standing(view).getByText("5 nodes (3 hidden), 0 of 1 row").waitFor();
  await view.getByRole("button", { name: "ack", exact: true }).click();
  await standing(view).getByText("8 nodes, 1 row").waitFor();
});

test("a token is on no page, whatever happens to it", async (t) => {
  const { view, connection, token } = await openScripted(t, { path: "/" });
  await view.getByText("Open the whole address that was printed").waitFor();
  await view.goto(`${new URL(view.url()).origin}/#${token}`);
  await view.reload();
  (await connection(0)).destroy();
  await view.getByText("The process does not answer; it is tried again.").waitFor();
  const all = await view.evaluate(() => document.documentElement.outerHTML + location.href + document.title);
  assert.ok(!all.includes(token));
});
