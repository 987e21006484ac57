import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { storeContract } from "../client/store-contract.test.js";
import { FileStore } from "./file-store.js";
import { atTheEnd, folder } from "./support.test.js";

storeContract("a file", async (t) => {
  const path = join(folder(t), "me.db");
  let opened = new FileStore(path);
  atTheEnd(t, () => opened.close());
  return {
    store: opened,
    async reopen() {
      await opened.close();
      opened = new FileStore(path);
      return opened;
    },
  };
});

it("a file that is damaged is named by whatever reads or writes it", async (t) => {
  const path = join(folder(t), "me.db");
  const store = new FileStore(path);
  const put = (key: string) => ({ table: "messages", put: { key, data: "x".repeat(1000) } }) as const;
  await store.apply(Array.from({ length: 50 }, (_, index) => put(`${index}`)));
  await store.close();
  // The first page tells what there is; none of it can be read any more.
  writeFileSync(path, readFileSync(path).fill(0xa5, 4096));
  const damaged = new FileStore(path);
  atTheEnd(t, () => damaged.close());
  const expected = { code: "STORE", message: `the store ${path} is damaged; restore it from a backup` };
  await assert.rejects(damaged.get("messages", "1"), expected);
  await assert.rejects(damaged.list("messages"), expected);
  await assert.rejects(damaged.apply([put("1")]), expected);
});

it("a file that is closed says so", async (t) => {
  const store = new FileStore(join(folder(t), "me.db"));
  await store.close();
  await assert.rejects(store.get("messages", "1"), { code: "STORE" });
  await assert.rejects(store.list("messages"), { code: "STORE" });
});
