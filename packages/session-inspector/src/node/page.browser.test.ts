import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type OpenPageOptions, openPage } from "browser-testing";
import { CAMP as connect } from "camp-client-node";
import { CAMP as serve } from "camp-server";
import { Recording } from "session-recorder";
import { type InspectOptions, inspectSessions } from "./index.js";

type Page = Awaited<ReturnType<typeof openPage>>;

/** A server with a session, and the page that looks at it. */
async function setUp(t: TestContext, options: InspectOptions = {}, page: OpenPageOptions = {}) {
  const inspector = await inspectSessions(options);
  t.after(() => inspector.close());
  const { origin, hash } = new URL(inspector.url);
  const view = await openPage(t, { server: { origin, port: inspector.port }, path: `/${hash}`, ...page });
  const faults: string[] = [];
  view.on("pageerror", (error) => faults.push(String(error)));
  // What the browser says when the inspector goes before the page is no fault.
  view.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load")) faults.push(message.text());
  });
  const server = await serve({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
  t.after(() => server.Destroy());
  const session = await connect(`127.0.0.1:${server.port}`, "token");
  t.after(() => assert.deepEqual(faults, []));
  return { view, server, session, inspector };
}

const node = (view: Page, kind: string) => view.locator(`[data-kind="${kind}"]`);

test("the steps of a session appear, and a chosen one tells its frame and what was believed", async (t) => {
  const { view, session } = await setUp(t);
  assert.equal(new URL(view.url()).hash, "");
  await session.base.SendUTF8("hello");
  await node(view, "send").first().waitFor();
  await node(view, "receive").first().waitFor();
  await node(view, "send").first().click();
  const detail = view.getByRole("region", { name: "The chosen step" });
  await detail.getByRole("row", { name: "type utf8data" }).waitFor();
  await detail.getByRole("row", { name: /^state (handshaking|open)$/ }).waitFor();
  assert.equal(await detail.getByText("Bytes", { exact: true }).count(), 0);
});

test("two points are compared", async (t) => {
  const { view, session } = await setUp(t);
  await session.base.SendUTF8("hello");
  await node(view, "send").first().click();
  await view.getByRole("button", { name: "Mark to compare" }).click();
  await session.Close("done");
  await node(view, "close").last().click();
  const compared = view.getByRole("table", { name: /^From step/ });
  await compared
    .getByRole("row", { name: "state open closed" })
    .or(compared.getByRole("row", { name: /framesTx/ }))
    .first()
    .waitFor();
});

test("payloads show as bytes where they were asked for, and markup in them is text", async (t) => {
  const { view, session } = await setUp(t, { payloads: true });
  await session.base.SendUTF8(`<img src=x onerror="document.title='owned'">`);
  await node(view, "send").first().click();
  const dump = view.locator(".detail pre");
  await dump.waitFor();
  assert.match((await dump.textContent())!, /<im\n/);
  assert.match((await dump.textContent())!, /onerror=\n/);
  assert.equal(await view.locator(".detail img").count(), 0);
  assert.equal(await view.title(), "Sessions");
});

test("one session alone, without a kind, pause and going on", async (t) => {
  const { view, session } = await setUp(t);
  await session.base.SendUTF8("one");
  await node(view, "send").first().waitFor();
  const sessions = view.getByRole("combobox", { name: "Session" });
  await view.waitForFunction(() => document.querySelectorAll("select option").length >= 4);
  // Sessions of other tests may still be ending: they have rows, too.
  const names = await sessions.locator("option").allTextContents();
  const own = names.findLastIndex((name) => name.includes("camp client"));
  await sessions.selectOption({ index: own });
  await node(view, "send").first().waitFor();
  assert.equal(await node(view, "admit").count(), 0);
  await view.getByRole("button", { name: "ack", exact: true }).click();
  assert.equal(await node(view, "ack").count(), 0);
  await view.getByRole("button", { name: "Pause" }).click();
  const before = await node(view, "send").count();
  await session.base.SendUTF8("two");
  await session.base.Ping();
  assert.equal(await node(view, "send").count(), before);
  await view.getByRole("button", { name: "Go on" }).click();
  await view.waitForFunction((count) => document.querySelectorAll('[data-kind="send"]').length > count, before);
});

test("an exported recording is read again as the same tree; what is none is told plainly", async (t) => {
  const { view, session } = await setUp(t);
  await session.base.SendUTF8("hello");
  await session.Close("done");
  await node(view, "close").first().waitFor();
  const saving = view.waitForEvent("download");
  await view.getByRole("button", { name: "Export" }).click();
  const path = await (await saving).path();
  const recording = Recording.read(readFileSync(path, "utf8"));
  assert.ok(recording.rows.size >= 2);
  await view
    .locator("input[type=file]")
    .setInputFiles({ name: "x.jsonl", mimeType: "text/plain", buffer: Buffer.from("<b>__proto__</b>") });
  await view.getByText(/^This is no recording: /).waitFor();
  await view.locator("input[type=file]").setInputFiles(path);
  await view.getByRole("button", { name: "Back to live" }).waitFor();
  const kinds = await view.locator("[data-kind]").count();
  await view.getByRole("button", { name: "Back to live" }).click();
  await view.waitForFunction((count) => document.querySelectorAll("[data-kind]").length >= count, kinds);
});

test("a token that is wrong, and none, are told plainly", async (t) => {
  const inspector = await inspectSessions();
  t.after(() => inspector.close());
  const { origin } = new URL(inspector.url);
  const server = { origin, port: inspector.port };
  const wrong = await openPage(t, { server, path: "/#wrong" });
  await wrong.getByText("Refused: open the address that was printed").waitFor();
  const none = await openPage(t, { server, path: "/" });
  await none.getByText("Open the whole address that was printed").waitFor();
});

test("the steps of 200 ends of real sessions leave few elements", async (t) => {
  const { view, server } = await setUp(t, { maxNodes: 50_000 });
  // A hundred at once, beside a browser: on a busy machine that takes longer than one connection may.
  const open = () => connect(`127.0.0.1:${server.port}`, "token", { timeout: 60_000 });
  const sessions = await Promise.all(Array.from({ length: 100 }, open));
  for (let round = 0; round < 10; round++) await Promise.all(sessions.map(({ base }) => base.SendUTF8("x")));
  await view.waitForFunction(
    () => Number.parseInt(document.querySelector(".stree-bar output")!.textContent!, 10) > 5000,
  );
  const elements = await view.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(elements < 4000, `${elements} elements`);
});
