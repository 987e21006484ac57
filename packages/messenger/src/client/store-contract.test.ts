import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createIdentity, identityOf } from "../protocol/index.js";
import type { Change, ClientStore, Table } from "./store.js";

/** A store for one test, empty, and a way to close it and open it again where it outlives that. */
export interface StoreUnderTest {
  readonly store: ClientStore;
  readonly reopen: (() => Promise<ClientStore>) | null;
}

const put = (table: Table, key: string, data: unknown): Change => ({ table, put: { key, data } });

/** What every store of clients must do. */
export function storeContract(name: string, open: (t: TestContext) => Promise<StoreUnderTest>): void {
  describe(`${name}, as a store`, () => {
    it("gives back what it was given, and nothing for what it was not", async (t) => {
      const { store } = await open(t);
      await store.apply([put("contacts", "a", { name: "Ann", nested: [1, null, "\u202e"] })]);
      assert.deepEqual(await store.get("contacts", "a"), {
        key: "a",
        data: { name: "Ann", nested: [1, null, "\u202e"] },
      });
      assert.equal(await store.get("contacts", "b"), undefined);
      assert.equal(await store.get("messages", "a"), undefined);
    });

    it("replaces and removes", async (t) => {
      const { store } = await open(t);
      await store.apply([put("contacts", "a", 1), put("contacts", "b", 2)]);
      await store.apply([put("contacts", "a", 3), { table: "contacts", remove: "b" }]);
      assert.equal((await store.get("contacts", "a"))?.data, 3);
      assert.equal(await store.get("contacts", "b"), undefined);
      await store.apply([{ table: "contacts", remove: "never there" }]);
    });

    it("keeps what was changed last, also when nobody waited", async (t) => {
      const { store } = await open(t);
      const long = "x".repeat(200_000);
      const changes = [long, "short", long, "last"].map((data) => store.apply([put("drafts", "a", data)]));
      await Promise.all(changes);
      assert.equal((await store.get("drafts", "a"))?.data, "last");
    });

    it("keeps a copy", async (t) => {
      const { store } = await open(t);
      const data = { list: [1] };
      await store.apply([put("contacts", "a", data)]);
      data.list.push(2);
      assert.deepEqual((await store.get("contacts", "a"))?.data, { list: [1] });
    });

    it("takes keys and members of every name", async (t) => {
      const { store } = await open(t);
      const data = JSON.parse('{"__proto__": {"x": 1}, "constructor": "y"}');
      await store.apply([put("contacts", "__proto__", data), put("contacts", "'; DROP TABLE rows; --", 1)]);
      const kept = (await store.get("contacts", "__proto__"))?.data;
      assert.equal(JSON.stringify(kept), '{"__proto__":{"x":1},"constructor":"y"}');
      assert.equal((await store.list("contacts")).length, 2);
    });

    it("lists in the order of the keys, those that begin alike", async (t) => {
      const { store } = await open(t);
      const keys = ["b/2", "a/10", "b/10", "b", "c/1", "ba/1"];
      await store.apply(keys.map((key) => put("messages", key, key)));
      assert.deepEqual(await keysOf(store, {}), ["a/10", "b", "b/10", "b/2", "ba/1", "c/1"]);
      assert.deepEqual(await keysOf(store, { prefix: "b/" }), ["b/10", "b/2"]);
      assert.deepEqual(await keysOf(store, { prefix: "b/", limit: 1 }), ["b/10"]);
      assert.deepEqual(await keysOf(store, { prefix: "d/" }), []);
    });

    it("lists the newest first, before a key, at most so many", async (t) => {
      const { store } = await open(t);
      const keys = ["a/1", "b/1", "b/2", "b/3", "b/4", "c/1"];
      await store.apply(keys.map((key) => put("messages", key, key)));
      const newest = { prefix: "b/", newestFirst: true };
      assert.deepEqual(await keysOf(store, newest), ["b/4", "b/3", "b/2", "b/1"]);
      assert.deepEqual(await keysOf(store, { ...newest, limit: 1 }), ["b/4"]);
      assert.deepEqual(await keysOf(store, { ...newest, limit: 3 }), ["b/4", "b/3", "b/2"]);
      assert.deepEqual(await keysOf(store, { ...newest, limit: 9 }), ["b/4", "b/3", "b/2", "b/1"]);
      assert.deepEqual(await keysOf(store, { ...newest, before: "b/3", limit: 9 }), ["b/2", "b/1"]);
      assert.deepEqual(await keysOf(store, { ...newest, before: "b/1" }), []);
    });

    it("keeps keys that go on working", async (t) => {
      const { store, reopen } = await open(t);
      const { k, g, fingerprint } = await createIdentity(store.extractableKeys);
      await store.apply([{ table: "self", put: { key: "identity", data: null, keys: { k, g } } }]);
      const after = reopen === null ? store : await reopen();
      const kept = (await after.get("self", "identity"))!.keys!;
      assert.equal((await identityOf(kept.k!, kept.g!)).fingerprint, fingerprint);
      assert.equal(kept.k!.privateKey.extractable, store.extractableKeys);
    });

    it("has everything again after it was closed", async (t) => {
      const { store, reopen } = await open(t);
      await store.apply([put("contacts", "a", "text"), put("outbox", "1", { id: 7 })]);
      if (reopen === null) return assert.equal((await store.list("outbox")).length, 1);
      const again = await reopen();
      assert.equal((await again.get("contacts", "a"))?.data, "text");
      assert.deepEqual((await again.list("outbox"))[0]?.data, { id: 7 });
    });
  });
}

async function keysOf(store: ClientStore, range: Parameters<ClientStore["list"]>[1]): Promise<string[]> {
  return (await store.list("messages", range)).map(({ key }) => key);
}
