import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openPage, servePages } from "browser-testing";

type Page = Awaited<ReturnType<typeof openPage>>;

interface Tab {
  readonly turns: string[];
  release(): void;
}

const script = "/packages/messenger/dist/browser/turn.js";

/** Two tabs of one browser. */
async function twoTabs(t: TestContext): Promise<[Page, Page]> {
  const server = await servePages(t);
  const first = await openPage(t, { server });
  const second = await first.context().newPage();
  await second.goto(server.origin);
  return [first, second];
}

/** Begins to wait for a turn; `turns` of the page tells what became of it. A polite tab gives it up when it is asked. */
async function begin(page: Page, take: boolean, polite = true): Promise<void> {
  await page.evaluate(
    async ({ script, take, polite }) => {
      const { takeTurn } = (await import(script)) as typeof import("./turn.js");
      const tab = globalThis as unknown as Tab & { turns: string[]; release: () => void };
      tab.turns ??= [];
      const asked = () => {
        tab.turns.push("asked");
        if (polite) tab.release();
      };
      void takeTurn("test", { take, asked }).then(({ release }) => {
        tab.turns.push("mine");
        tab.release = release;
      });
    },
    { script, take, polite },
  );
}

const has = (page: Page, wanted: string) =>
  page.waitForFunction((wanted) => (globalThis as unknown as Tab).turns.join() === wanted, wanted);

test("the tab that has the turn is asked for it, and gives it up", async (t) => {
  const [first, second] = await twoTabs(t);
  await begin(first, true);
  await has(first, "mine");
  await begin(second, true);
  await has(second, "mine");
  await has(first, "mine,asked");
});

test("a tab that waits gets its turn when the other one is closed", async (t) => {
  const [first, second] = await twoTabs(t);
  await begin(first, true);
  await has(first, "mine");
  await begin(second, false);
  assert.equal(await second.evaluate(() => (globalThis as unknown as Tab).turns.length), 0);
  await first.close();
  await has(second, "mine");
});

test("a tab that does not answer loses its turn, and is told", async (t) => {
  const [first, second] = await twoTabs(t);
  await begin(first, true, false);
  await has(first, "mine");
  await begin(second, true);
  await has(second, "mine");
  await has(first, "mine,asked,asked");
});
