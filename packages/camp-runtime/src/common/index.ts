export { unlessAborted } from "./abort.js";
export {
  expectBigint,
  expectFunction,
  expectOptions,
  expectSignal,
  expectString,
  toTimeout,
  wrongType,
} from "./arguments.js";
export {
  assemble,
  type ClockSource,
  type SessionConfig,
  type SessionId,
  type SessionPair,
  type SessionParts,
  type SessionWorld,
} from "./assemble.js";
export type { BackoffPolicy } from "./backoff.js";
export { BaseNamespace, type SendOptions } from "./base-namespace.js";
export { type Bytes, bytesOf } from "./bytes.js";
export {
  type ClientConnection,
  type ClientTransport,
  type ClientWorld,
  type Connected,
  connect,
  type SessionStart,
  type Target,
} from "./client.js";
export { connectColumns, type ReconnectOptions, reconnectColumn, toTexts } from "./client-options.js";
export {
  ConnectError,
  type ConnectErrorCode,
  type ConnectErrorOptions,
} from "./connect-error.js";
export { cryoOptions } from "./cryo-arguments.js";
export { Deadlines, type DisposableClock } from "./deadlines.js";
export { EndSignal } from "./end-signal.js";
export { type Extension, Extensions, type HookFailed, type HookResult, type HookSource } from "./extensions.js";
export { CAMP_FLOW_BEHAVIOUR, progressOf, remainingBytesOf } from "./flow.js";
export { parseHost, upgradeUrl } from "./host.js";
export {
  expectTokenSource,
  NoSubprotocolError,
  Opener,
  type TokenPlace,
  type TokenSource,
  type UpgradeAttempt,
  type UpgradeTerms,
} from "./opener.js";
export {
  boolean,
  type Column,
  callback,
  checkOptions,
  column,
  describe,
  group,
  integer,
  milliseconds,
  OptionsError,
  type OptionTable,
  object,
  oneOf,
  optional,
  type Resolved,
} from "./options.js";
export { type BlobLike, BlobSource, MemorySource } from "./random-sources.js";
export { type ConnectHost, connectWithin, type Reconnectable, Reconnector } from "./reconnect.js";
export { IterableSource, toBytes, type WebStream, WebStreamSource } from "./sequential-sources.js";
export { type CloseOptions, closeOf, drainedOf, type SessionState } from "./session-calls.js";
export type {
  AnySessionEvents,
  CampSessionEvents,
  CryoSessionEvents,
  PlaintextMark,
  SessionLifecycle,
  SessionOwner,
  SessionTraceDetails,
  SessionTraceEvent,
  Teller,
} from "./session-events.js";
export { caleColumns, messageColumns, sessionColumns } from "./session-options.js";
export { delay, type TimerHost, type TurnHost } from "./timers.js";
export { TokenRenewals } from "./token-renewals.js";
export {
  type StreamOptions,
  type StreamWorld,
  TransactionNamespace,
  type WaitOptions,
} from "./transaction-namespace.js";
