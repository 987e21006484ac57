import assert from "node:assert/strict";
import { test } from "node:test";
import { figureNames, Recorder } from "session-recorder";
import {
  box,
  detail,
  figure,
  header,
  openRecorded,
  openScripted,
  rowLine,
  standing,
  stepLine,
  write,
} from "./support.test.js";

/** Steps of row 1, from one number to the one before another. */
function steps(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => stepLine(1, from + index));
}

test("filter, choice, mark and what is folded stay when older steps are folded", async (t) => {
  const { view, connection } = await openScripted(t);
  const feed = await connection(0);
  write(feed, header, rowLine(1), rowLine(2), rowLine(3), ...steps(0, 14_990));
  write(feed, stepLine(2, 14_990, { frame: "utf8data needle=1" }), stepLine(2, 14_991, { changed: { framesRx: 7 } }));
  write(feed, stepLine(2, 14_992), stepLine(3, 14_993));
  await view.getByText("14998 nodes, 3 rows").waitFor();
  await view.getByRole("button", { name: /^Row 3,/ }).click();
  await view.getByPlaceholder("Filter rows").fill("needle");
  await standing(view).getByText("1 of 3 rows").waitFor();
  await box(view, 14_990).click();
  await view.getByRole("button", { name: "Mark to compare" }).click();
  await box(view, 14_991).click();
  const compared = view.getByRole("table", { name: "From step 14990 to step 14991" });
  await compared.getByRole("row", { name: "framesRx 0 7" }).waitFor();

  write(feed, ...steps(15_000, 20_100));
  await standing(view)
    .getByText(/^10\d\d\d nodes, 1 of 3 rows$/)
    .waitFor();
  assert.equal(await view.getByPlaceholder("Filter rows").inputValue(), "needle");
  assert.equal(await box(view, 14_991).getAttribute("aria-selected"), "true");
  assert.equal(await view.getByLabel("Follow").isChecked(), false);
  await compared.getByRole("row", { name: "framesRx 0 7" }).waitFor();
  await view.getByPlaceholder("Filter rows").fill("");
  assert.equal(await view.getByRole("button", { name: /^Row 3,/ }).getAttribute("aria-expanded"), "false");
  await view.getByLabel("Follow").check();

  write(feed, ...steps(20_100, 30_200));
  await standing(view)
    .getByText(/^10\d\d\d nodes, 3 rows$/)
    .waitFor();
  assert.equal(await view.getByLabel("Follow").isChecked(), true);
  await box(view, 30_199).waitFor();
  assert.equal(await view.locator("[aria-selected='true']").count(), 0, "it was folded away");
  await detail(view).getByText("Folded away meanwhile.").waitFor();
  await compared.waitFor();
  await box(view, 30_199).click();
  await view.getByRole("table", { name: "From step 14990 to step 30199" }).waitFor();
});

test("one scrubs back, chooses there, and stays there while steps come and are folded", async (t) => {
  const { view, connection } = await openScripted(t);
  const feed = await connection(0);
  write(feed, header, rowLine(1), ...steps(0, 18_000));
  await view.getByText("18002 nodes, 1 row").waitFor();
  await view.getByLabel("Time").fill("17501");
  await standing(view).getByText("up to node 17499: 17502 of 18002 nodes").waitFor();
  await box(view, 17_499).click();
  await detail(view)
    .getByRole("heading", { name: /^step 17499: receive/i })
    .waitFor();
  assert.equal(await box(view, 17_500).count(), 0);
  write(feed, ...steps(18_000, 20_100));
  await standing(view)
    .getByText(/^up to node 17499: \d+ of 10\d\d\d nodes/)
    .waitFor();
  assert.equal(await box(view, 17_499).getAttribute("aria-selected"), "true");
});

test("a pause holds the picture; with more than can wait, going on begins anew and says so", async (t) => {
  const { view, connection } = await openScripted(t);
  const feed = await connection(0);
  write(feed, header, rowLine(1), ...steps(0, 3));
  await box(view, 2).waitFor();
  await view.getByRole("button", { name: "Pause" }).click();
  write(feed, ...steps(3, 10));
  await view.getByRole("button", { name: "Go on" }).click();
  await box(view, 9).waitFor();

  await view.getByRole("button", { name: "Pause" }).click();
  write(feed, ...steps(10, 50_020));
  write(feed, '{"inspector":"figures","refused":77}');
  await figure(view, "refused").getByText("77").waitFor();
  assert.equal(await figure(view, "left out").textContent(), "50010");
  assert.match((await standing(view).textContent())!, /^12 nodes/);
  await view.getByRole("button", { name: "Go on" }).click();
  const again = await connection(1);
  await view.getByText(/^More came during the pause than can wait/).waitFor();
  write(again, header, rowLine(1, { belief: belief(1, 50_020), folded: 50_020 }), stepLine(1, 50_020));
  await box(view, 50_020).click();
  await detail(view).getByRole("row", { name: "steps 50021", exact: true }).waitFor();
  assert.match((await standing(view).textContent())!, /^3 nodes/);
  await view.getByText(/^More came during the pause than can wait/).waitFor();
  await figure(view, "left out").getByText("0", { exact: true }).waitFor();
});

test("what the server leaves out during a pause leaves the picture, and going on begins anew", async (t) => {
  const { view, connection } = await openScripted(t);
  const feed = await connection(0);
  write(feed, header, rowLine(1), ...steps(0, 3));
  await box(view, 2).click();
  await view.getByRole("button", { name: "Pause" }).click();
  write(feed, '{"inspector":"missed","steps":500}', header, rowLine(1, { belief: belief(1, 500), folded: 500 }));
  write(feed, stepLine(1, 500), '{"inspector":"figures","refused":78}');
  await figure(view, "refused").getByText("78").waitFor();
  assert.equal(await box(view, 2).getAttribute("aria-selected"), "true");
  assert.equal(await box(view, 500).count(), 0);
  await view.getByRole("button", { name: "Go on" }).click();
  write(await connection(1), header, rowLine(1, { belief: belief(1, 500), folded: 500 }), stepLine(1, 500));
  await box(view, 500).waitFor();
  assert.equal(await box(view, 2).count(), 0);
});

test("at a flood of 200 ends the page answers, stays small, and says what was left out", async (t) => {
  const recorder = new Recorder({ now: () => 0 });
  const view = await openRecorded(t, recorder);
  await view.getByRole("button", { name: "Pause" }).waitFor();
  const ends = Array.from(
    { length: 200 },
    (_, id) => recorder.watch({ role: "server", dialect: "camp", state: "open", stats: {} }, String(id))!,
  );
  const frame = {
    direction: "in",
    description: "utf8data ack=1 payload=5B",
    bytes: 5,
    content: () => new Uint8Array(),
  };
  const flood = (rounds: number): void => {
    for (let round = 0; round < rounds; round++) for (const end of ends) end.frame(frame as never);
  };
  // More than may wait for the page between two writes to it; then as much as it takes until the page has answered.
  flood(105);
  const ack = view.getByRole("button", { name: "ack", exact: true });
  let answered = false;
  const clicking = ack.click().finally(() => {
    answered = true;
  });
  while (!answered) {
    flood(2);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await clicking;
  assert.equal(await ack.getAttribute("aria-pressed"), "false");
  await view.getByText(/^Too much at once: \d+ steps were left out\./).waitFor();
  await view.waitForFunction(() => {
    const texts = [...document.querySelectorAll(".counters div")].map(({ textContent }) => textContent);
    return texts.some((text) => /^left out[1-9]/.test(text!)) && texts.some((text) => /^folded steps[1-9]/.test(text!));
  });
  assert.ok(Number((await standing(view).textContent())!.match(/^\d+/)![0]) <= 20_001);
  const elements = await view.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(elements < 4000, `${elements} elements`);
  await figure(view, "open ends").getByText("200").waitFor();
});

/** What an end has come to after so many steps. */
function belief(row: number, steps: number): object {
  const figures = Object.fromEntries(figureNames.map((name) => [name, name === "rttMs" ? null : 0]));
  return { row, role: "server", dialect: "camp", session: "…1", state: "open", connections: 1, steps, ...figures };
}
