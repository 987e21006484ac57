import { MemoryStore } from "./memory-store.js";
import { storeContract } from "./store-contract.test.js";

storeContract("a store in memory", async () => ({ store: new MemoryStore(), reopen: null }));
