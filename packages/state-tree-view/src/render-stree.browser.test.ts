import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { openPage } from "browser-testing";
import type * as stateTree from "state-tree";
import type * as stateTreeView from "./index.js";

type Page = Awaited<ReturnType<typeof openPage>>;

// What the scripts in these pages work with.
declare const tree: stateTree.Stree;
declare const drawing: { stop(): void };
declare const lib: typeof stateTree & typeof stateTreeView;

/** A page with the picture of a tree in it: two connections, and one row that only holds them together. */
async function open(t: TestContext, size = { width: 1000, height: 700 }): Promise<Page> {
  const page = await openPage(t, { viewport: size });
  await page.evaluate(async () => {
    const lib = { ...(await import("state-tree")), ...(await import("state-tree-view")) };
    const send = (_core: unknown, { msg }: { msg: string }) => [{ out: msg }];
    const tree = lib.stree([lib.h(send), { url: "wss://example.com" }, { desc: "the others branch before" }]);
    for (const row of [1, 2]) {
      tree.add({ open: true }, 1);
      tree.add({ handler: "send", msg: `hello from ${row}` }, -row);
    }
    document.body.innerHTML = '<div id="place"></div>';
    Object.assign(globalThis, { lib, tree, drawing: lib.renderStree(tree, lib.svg.elt("place")!) });
  });
  return page;
}

/** The numbers of the nodes that have elements, in order. */
function drawn(page: Page): Promise<number[]> {
  return page.$$eval("[data-node]", (boxes) =>
    boxes.map((box) => Number(box.getAttribute("data-node"))).sort((a, b) => a - b),
  );
}

/** The frame after this one: what was changed is drawn then. */
function frame(page: Page): Promise<void> {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
}

async function detail(page: Page): Promise<string> {
  return (await page.locator(".stree-detail").innerText()).replaceAll(/\s+/g, " ");
}

describe("renderStree", () => {
  it("draws an element for each node and grows with the tree", async (t) => {
    const page = await open(t);
    assert.deepEqual(await drawn(page), [0, 1, 2, 3, 4, 5, 6]);
    assert.equal(await page.locator("[data-row='2']").count(), 2);
    assert.match((await page.locator("[data-node='6']").textContent())!, /send.*msg: "hello from 2"/);
    await page.evaluate(() => tree.add({ in: "answer" }, -2));
    await page.locator("[data-node='7'][data-row='2']").waitFor();
    await page.evaluate(() => drawing.stop());
    await page.evaluate(() => tree.add({ in: "late" }, -2));
    await frame(page);
    assert.equal((await drawn(page)).length, 8);
  });

  it("gives a kind of message the same colour everywhere", async (t) => {
    const page = await open(t);
    const fill = (node: number) =>
      page.locator(`[data-node='${node}'] rect`).evaluate((rect) => getComputedStyle(rect).fill);
    assert.equal(await fill(4), await fill(6));
    assert.notEqual(await fill(3), await fill(4));
    const light = await fill(4);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.evaluate(() => document.documentElement.style.setProperty("color-scheme", "light dark"));
    assert.notEqual(await fill(4), light);
  });

  it("shows value and residue of the node that is clicked", async (t) => {
    const page = await open(t);
    await page.locator("[data-node='4']").click();
    assert.match(await detail(page), /Node 4 in row 1: send.*Value.*msg: "hello from 1".*Residue.*out: "hello from 1"/);
    assert.equal(await page.locator("[data-node='4']").getAttribute("aria-selected"), "true");
  });

  it("is walked through with the keys", async (t) => {
    const page = await open(t);
    await page.locator(".stree-picture").focus();
    const walked: (string | null)[] = [];
    for (const key of ["ArrowRight", "ArrowRight", "End", "ArrowDown", "ArrowDown", "ArrowLeft", "Home", "ArrowUp"]) {
      await page.keyboard.press(key);
      walked.push(await page.locator("[aria-selected='true']").getAttribute("data-node"));
    }
    assert.deepEqual(walked, ["0", "1", "2", "3", "5", "1", "0", "0"]);
    const active = await page.locator(".stree-picture").getAttribute("aria-activedescendant");
    assert.equal(active, await page.locator("[data-node='0']").getAttribute("id"));
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".stree-detail").isVisible(), false);
  });

  it("folds rows, by one and all together", async (t) => {
    const page = await open(t);
    const button = page.locator(".stree-rows button").nth(1);
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    await button.press("Enter");
    await frame(page);
    assert.deepEqual(await drawn(page), [0, 1, 2, 5, 6]);
    assert.equal(await page.locator(".stree-notes").textContent(), "2 nodes, the last send");
    await page.getByText("Fold", { exact: true }).click();
    await frame(page);
    assert.deepEqual(await drawn(page), []);
    await page.getByText("Unfold").click();
    await frame(page);
    assert.equal((await drawn(page)).length, 7);
  });

  it("filters rows and fades what does not match in those that stay", async (t) => {
    const page = await open(t);
    await page.getByPlaceholder("Filter rows").fill("FROM 2");
    await page.getByText("7 nodes, 1 of 3 rows").waitFor();
    assert.deepEqual(await drawn(page), [5, 6]);
    assert.equal(await page.locator(".stree-other").getAttribute("data-node"), "5");
  });

  it("shows the tree as it was when an earlier node came", async (t) => {
    const page = await open(t);
    const time = page.getByLabel("Time");
    await time.fill("3");
    assert.deepEqual(await drawn(page), [0, 1, 2, 3]);
    await page.getByText("up to node 3: 4 of 7 nodes, 2 of 3 rows").waitFor();
    await page.evaluate(() => tree.add({ in: "later" }, -1));
    await frame(page);
    assert.equal((await drawn(page)).length, 4, "what comes meanwhile is not shown");
    await page.getByLabel("Follow").check();
    await frame(page);
    assert.equal((await drawn(page)).length, 8);
  });

  it("has few elements and no stutter with ten thousand nodes", async (t) => {
    const page = await open(t);
    const worst = await page.evaluate(async () => {
      let [elements, changes, longestMs] = [0, 0, 0];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
      }).observe({ entryTypes: ["longtask"] });
      const place = document.getElementById("place")!;
      const watcher = new MutationObserver((records) => {
        changes = Math.max(changes, records.length);
        elements = Math.max(elements, place.querySelectorAll("*").length);
      });
      watcher.observe(place, { childList: true, subtree: true });
      const nextFrame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done));
      for (let index = 0; index < 10_000; index++) {
        if (index % 10 === 0) tree.add({ open: true, index }, 1);
        else tree.add({ handler: "send", msg: `message ${index}` }, -1 - (index % 3));
        if (index % 200 === 0) await nextFrame();
      }
      const scroller = document.querySelector(".stree-scroll")!;
      for (let step = 0; step <= 30; step++) {
        scroller.scrollTo((scroller.scrollWidth * step) / 30, (scroller.scrollHeight * step) / 30);
        await nextFrame();
      }
      await nextFrame();
      return { elements, changes, longestMs };
    });
    assert.ok(worst.elements > 200 && worst.elements < 3000, `${worst.elements} elements`);
    assert.ok(worst.changes < 1000, `${worst.changes} changes in a frame`);
    // Any task of a page that is drawn whole takes seconds; the bound leaves room for a machine that is busy.
    assert.ok(worst.longestMs < 500, `a task of ${worst.longestMs} ms`);
    await page.getByText("10007 nodes, 1003 rows").waitFor();
  });

  it("shows hostile values as text", async (t) => {
    const page = await open(t);
    await page.evaluate(() => {
      tree.add({ handler: "send", msg: '<img src=x onerror="document.title=1"><script>document.title=1</script>' }, -1);
      tree.add(JSON.parse('{"__proto__":{"polluted":true},"constructor":"a"}'), -1);
      tree.add({ "</svg><b>": "\u0000\u001b[31m\u202e", text: "x".repeat(1_000_000) }, -1);
    });
    for (const node of [7, 8, 9]) {
      await page.locator(`[data-node='${node}']`).click();
      assert.match(await detail(page), new RegExp(`^Node ${node} in row 1`));
    }
    assert.match(await detail(page), /"<\/svg><b>": "\\u0000\\u001b\[31m\\u202e".*\(1000000 characters\)/);
    assert.equal(await page.locator("#place").locator("img, script, b").count(), 0);
    assert.equal(await page.evaluate(() => "polluted" in {}), false);
    assert.equal(await page.title(), "Test");
    assert.ok((await page.locator("#place").innerHTML()).length < 60_000);
  });

  it("follows rows that are compacted", async (t) => {
    const page = await open(t);
    await page.locator("[data-node='4']").click();
    await page.evaluate(() => {
      tree.compact(-1);
      tree.add({ in: "after" }, -2);
    });
    await page.locator("[data-node='7']").waitFor();
    assert.deepEqual(await drawn(page), [0, 1, 2, 3, 5, 6, 7]);
    assert.match((await page.locator("[data-node='3']").textContent())!, /residue/);
    assert.equal(await page.locator(".stree-detail").isVisible(), false);
  });

  it("refuses what is no tree or no element", async (t) => {
    const page = await open(t);
    const messages = await page.evaluate(() => {
      const message = (run: () => unknown): string => {
        try {
          run();
          return "";
        } catch (error) {
          return String(error);
        }
      };
      return [
        message(() => lib.renderStree(null as never, document.body)),
        message(() => lib.renderStree(tree, lib.svg.elt("nowhere") as never)),
      ];
    });
    assert.match(messages[0]!, /^TypeError: renderStree draws a tree/);
    assert.match(messages[1]!, /^TypeError: renderStree draws into an element/);
  });

  it("is drawn whole on a phone, whatever is in view", async (t) => {
    const page = await open(t, { width: 360, height: 640 });
    assert.equal((await drawn(page)).length, 7);
    const { width, page: whole } = await page.evaluate(() => ({
      width: innerWidth,
      page: document.documentElement.scrollWidth,
    }));
    assert.ok(whole <= width, `the page is ${whole} wide`);
  });
});
