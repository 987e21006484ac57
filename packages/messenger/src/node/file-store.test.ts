import { join } from "node:path";
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
