export { FileVault } from "./file-vault.js";
export { IndexedDbStore } from "./indexed-db-store.js";
export { browserWorld, contentOf, type OpenedMessenger, type OpenOptions, openMessenger } from "./open.js";
