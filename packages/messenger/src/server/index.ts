export { StoreError } from "../sqlite/store-error.js";
export { attachMessenger, type MessengerServer, type MessengerServerOptions } from "./attach.js";
export { Origins } from "./origins.js";
export { type MessengerServing, type ServeOptions, serveMessenger } from "./serve.js";
export { SqliteStore } from "./sqlite-store.js";
export type { Acceptance, MessengerStore, Waiting } from "./store.js";
export { type RelayClock, type RelaySession, systemClock } from "./world.js";
