import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { openPage } from "browser-testing";
import type * as stateTree from "state-tree";
import type { Drawing } from "./index.js";

type Page = Awaited<ReturnType<typeof openPage>>;

// What the scripts in these pages work with.
declare let tree: stateTree.Stree;
declare const drawing: Drawing;
declare const chosen: (string | null)[];
/** Replaces the tree by one of only the nodes from this index on, whose rows go on from what the older ones came to. */
declare function foldBefore(index: number): void;

/** A page with a tree of three rows: `row 0` has 200 nodes, the others some. Its numbers are those that the values hold. */
async function open(t: TestContext): Promise<Page> {
  const page = await openPage(t, { viewport: { width: 900, height: 500 } });
  await page.evaluate(async () => {
    const { Residue, stree } = await import("state-tree");
    const { renderStree } = await import("state-tree-view");
    let next = 0;
    const chosen: (string | null)[] = [];
    const numberOf = ({ value }: stateTree.StreeNode): string => String((value as { n?: number }).n ?? "–");
    let tree = stree<{ sum: number }>({ root: 1 }, (_, value) => ({ sum: (value as { n?: number }).n ?? -1 }));
    for (const row of ["one", "two", "three"]) tree.add({ row }, tree.root!);
    for (let index = 0; index < 220; index++) {
      const row = index % 20 === 0 ? 1 : index % 20 === 10 ? 2 : 0;
      tree.add(
        { n: next++, text: row === 0 ? "long" : `row ${row}`, ...(index === 200 && { mark: "needle" }) },
        tree.branches[row]!,
      );
    }
    const foldBefore = (index: number): void => {
      const before = tree;
      const known = new Map<unknown, { sum: number }>();
      tree = stree<{ sum: number }>({ root: 1 }, (_, value) => known.get(value) ?? { sum: -1 });
      for (const { row } of before.branches) {
        const path = before.branches[row]!.nodePath().filter((node) => node.row === row && node.index > 0);
        const kept = path.filter((node) => node.index >= index);
        const start = kept[0]?.parent ?? before.branches[row]!;
        tree.add(new Residue(start.residue()), tree.root!);
        for (const node of kept) known.set(node.value, node.residue());
        for (const node of kept) tree.add(node.value, tree.branches.at(-1)!);
      }
      Object.assign(globalThis, { tree });
      drawing.replace(tree);
    };
    document.body.innerHTML = '<div id="place" style="--stree-height: 300px"></div>';
    const drawing = renderStree(tree, document.getElementById("place")!, {
      align: "end",
      numberOf,
      rowNameOf: (leaf) => `r${leaf.row}`,
      onChoose: (node) => chosen.push(node && numberOf(node)),
    });
    Object.assign(globalThis, { tree, drawing, chosen, foldBefore });
  });
  return page;
}

/** What is called so, in the picture. */
const box = (page: Page, number: number) => page.locator(`[data-node]:has(.stree-index:text-is("${number}"))`);

const fold = (page: Page, index: number) => page.evaluate((at) => foldBefore(at), index);
const told = (page: Page) => page.evaluate(() => chosen);
const standing = (page: Page) => page.locator(".stree-bar output").textContent();

describe("the tree of a drawing, replaced", () => {
  it("leaves filter, following and the chosen node as they were", async (t) => {
    const page = await open(t);
    await page.getByPlaceholder("Filter rows").fill("needle");
    await page.getByText("224 nodes, 1 of 3 rows").waitFor();
    await box(page, 200).click();
    await fold(page, 150);
    assert.equal(await page.getByPlaceholder("Filter rows").inputValue(), "needle");
    assert.match((await standing(page))!, / 1 of 3 rows$/);
    assert.equal(await box(page, 200).getAttribute("aria-selected"), "true");
    assert.equal(await page.getByLabel("Follow").isChecked(), false);
    assert.deepEqual(await told(page), ["200", "200"]);
    await page.getByLabel("Follow").check();
    await fold(page, 180);
    assert.equal(await page.getByLabel("Follow").isChecked(), true);
  });

  it("says that nothing is chosen when the node is not in it, before replace returns", async (t) => {
    const page = await open(t);
    await box(page, 199).click();
    const at = await page.evaluate(() => {
      foldBefore(210);
      return chosen.length;
    });
    assert.equal(at, 2);
    assert.deepEqual(await told(page), ["199", null]);
    assert.equal(await page.locator("[aria-selected='true']").count(), 0);
    await page.locator(".stree-picture").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator("[aria-selected='true']").count(), 1);
  });

  it("does not move under one's eyes", async (t) => {
    const page = await open(t);
    await box(page, 195).click();
    const before = await box(page, 195).boundingBox();
    await fold(page, 150);
    assert.deepEqual(await box(page, 195).boundingBox(), before);
    await page.evaluate(() => {
      for (let n = 1000; n < 1010; n++) tree.add({ n }, Number.POSITIVE_INFINITY);
    });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.deepEqual(await box(page, 195).boundingBox(), before);
  });

  it("is looked at as it was at the same node, or at the nearest that is left", async (t) => {
    const page = await open(t);
    await page.getByLabel("Time").fill("183");
    assert.equal(await standing(page), "up to node 179: 184 of 224 nodes, 3 rows");
    await fold(page, 154);
    assert.match((await standing(page))!, /^up to node 179: /);
    await page.evaluate(() => foldBefore(tree.nodes.length - 3));
    assert.match(
      (await standing(page))!,
      /^up to node 170: /,
      "the first of the three that are left, which are of row 2",
    );
  });

  it("keeps rows folded whose last node is left, and those of which nothing but what they came to is", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: /^Row r0,/ }).click();
    await page.getByRole("button", { name: /^Row r2,/ }).click();
    await fold(page, 216);
    const expanded = await page
      .locator(".stree-rows button")
      .evaluateAll((buttons) =>
        buttons.map((button) => `${button.textContent} ${button.getAttribute("aria-expanded")}`),
      );
    assert.deepEqual(expanded, ["▸ r0 false", "▾ r1 true", "▸ r2 false"]);
  });

  it("grows on, and no longer with the one before; after stop nothing changes it", async (t) => {
    const page = await open(t);
    await page.evaluate(() => {
      const before = tree;
      foldBefore(200);
      before.add({ n: 5000 });
      tree.add({ n: 5001 });
    });
    await box(page, 5001).waitFor();
    assert.equal(await box(page, 5000).count(), 0);
    await page.evaluate(() => drawing.stop());
    const last = await standing(page);
    await page.evaluate(() => {
      foldBefore(tree.nodes.length - 5);
      drawing.only(() => false);
    });
    assert.equal(await standing(page), last);
    const message = await page.evaluate(() => {
      try {
        drawing.replace({} as never);
      } catch (error) {
        return String(error);
      }
      return "";
    });
    assert.match(message, /^TypeError: replace draws a tree/);
  });
});

describe("a drawing of some nodes only", () => {
  it("gives the others no place: keys go past them, filters do not find them, what was chosen of them is not", async (t) => {
    const page = await open(t);
    await box(page, 215).click();
    await page.evaluate(() => drawing.only(({ value }) => ((value as { n?: number }).n ?? 1) % 5 !== 0));
    assert.deepEqual(await told(page), ["215", null]);
    assert.match((await standing(page))!, /^180 nodes \(44 hidden\), 3 rows$/);
    await box(page, 214).click();
    const x = (await box(page, 214).boundingBox())!.x;
    await page.keyboard.press("ArrowRight");
    assert.equal((await told(page)).at(-1), "216");
    assert.equal((await box(page, 216).boundingBox())!.x - x, 156);
    await page.getByPlaceholder("Filter rows").fill("needle");
    await page.getByText(", 0 of 3 rows").waitFor();
    await page.evaluate(() => drawing.only(() => true));
    await page.getByText("224 nodes, 1 of 3 rows").waitFor();
  });

  it("can be scrubbed through, and rows without any of them are not there", async (t) => {
    const page = await open(t);
    await page.evaluate(() => drawing.only(({ row }) => row === 1));
    assert.equal(await standing(page), "12 nodes (212 hidden), 1 of 3 rows");
    await page.getByLabel("Time").fill("2");
    assert.equal(await standing(page), "up to node 20: 3 of 12 nodes (212 hidden), 1 of 3 rows");
    assert.equal(await page.locator("[data-node]").count(), 3);
  });
});
