import { test } from "node:test";
import { runTestsInPage } from "browser-testing";

test("a browser's database keeps the contract of stores", async (t) => {
  await runTestsInPage(t, ["packages/messenger/dist/browser/indexed-db-store.in-page.js"]);
});
