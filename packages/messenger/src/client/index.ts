export {
  CannotOpenError,
  formatLink,
  type InviteLink,
  MalformedError,
  MessengerError,
  type MessengerErrorCode,
  parseLink,
} from "../protocol/index.js";
export type { FileSource } from "./files.js";
export type { Invitation } from "./invitations.js";
export type { LinkDetail, LinkState } from "./link.js";
export { MemoryStore } from "./memory-store.js";
export { type HistoryOptions, Messenger, type MessengerOptions } from "./messenger.js";
export type { ContactRecord, ContactState, InviteRecord, MessageRecord, MessageStatus } from "./records.js";
export { Serial } from "./serial.js";
export type { MessengerEvents, Warning } from "./state.js";
export { createStateTree, type StateTree } from "./state-tree.js";
export { type Change, type ClientStore, type Json, type Range, type Row, type Table, tables } from "./store.js";
export type { ClientClock, ClientSession, ClientWorld } from "./world.js";
