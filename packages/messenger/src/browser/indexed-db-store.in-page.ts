import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { storeContract } from "../client/store-contract.test.js";
import { filesStore, openDatabase, resultOf } from "./database.js";
import { IndexedDbStore } from "./indexed-db-store.js";

// Runs in a page: indexed-db-store.browser.test.ts takes it there.

let count = 0;

async function open(t: TestContext, name = `store ${count++}`) {
  const store = await IndexedDbStore.open(name);
  t.after(() => store.close());
  return { name, store };
}

storeContract("a browser's database", async (t) => {
  const { name, store } = await open(t);
  return {
    store,
    async reopen() {
      await store.close();
      return (await open(t, name)).store;
    },
  };
});

describe("a browser's database", () => {
  it("holds no text that could be read without its key", async (t) => {
    const { name, store } = await open(t);
    await store.apply([{ table: "drafts", put: { key: "a", data: "very secret" } }]);
    const database = await openDatabase(name);
    const { sealed } = await resultOf(database.transaction("drafts").objectStore("drafts").get("a"));
    database.close();
    assert.equal(new TextDecoder().decode(sealed.bytes).includes("secret"), false);
  });

  it("belongs to who opened it last: an earlier one writes nothing more", async (t) => {
    const { name, store: first } = await open(t);
    await first.apply([{ table: "drafts", put: { key: "a", data: "first" } }]);
    const { store: second } = await open(t, name);
    const late = first.apply([{ table: "drafts", put: { key: "a", data: "too late" } }]);
    await assert.rejects(late, { code: "STORE", message: /another tab/ });
    assert.equal((await second.get("drafts", "a"))?.data, "first");
  });

  it("does not open what was moved to another place", async (t) => {
    const { name, store } = await open(t);
    await store.apply([{ table: "drafts", put: { key: "a", data: "for a" } }]);
    const database = await openDatabase(name);
    const drafts = database.transaction("drafts", "readwrite").objectStore("drafts");
    const row = await resultOf(drafts.get("a"));
    await resultOf(drafts.put({ ...row, key: "b" }));
    database.close();
    await store.close();
    const { store: again } = await open(t, name);
    await assert.rejects(again.get("drafts", "b"));
  });

  it("says plainly that it is closed", async (t) => {
    const { store } = await open(t);
    await store.close();
    await assert.rejects(store.get("drafts", "a"), { code: "STORE" });
    await assert.rejects(store.apply([{ table: "drafts", remove: "a" }]), { code: "STORE" });
  });
});

describe("the files of a browser's database", () => {
  async function* content(sizes: readonly number[]) {
    for (const [index, size] of sizes.entries()) yield new Uint8Array(size).fill(index + 1);
  }

  it("come back whole", async (t) => {
    const { name, store } = await open(t);
    await store.files.keep("one", content([1_500_000, 1, 700_000]));
    await store.files.keep("empty", content([]));
    await store.close();
    const { files } = (await open(t, name)).store;
    const bytes = new Uint8Array(await (await files.file("one"))!.arrayBuffer());
    assert.equal(bytes.length, 2_200_001);
    assert.deepEqual(
      [bytes[0], bytes[1_499_999], bytes[1_500_000], bytes[1_500_001], bytes[2_200_000]],
      [1, 1, 2, 3, 3],
    );
    assert.equal((await files.file("empty"))!.size, 0);
  });

  it("leave nothing behind when they break off", async (t) => {
    const { name, store } = await open(t);
    async function* broken() {
      yield new Uint8Array(3_000_000);
      throw new Error("the sender is gone");
    }
    await assert.rejects(store.files.keep("one", broken()), /the sender is gone/);
    assert.equal(await store.files.has("one"), false);
    assert.equal(await store.files.file("one"), null);
    const database = await openDatabase(name);
    assert.equal(await resultOf(database.transaction(filesStore).objectStore(filesStore).count()), 0);
    database.close();
  });
});
