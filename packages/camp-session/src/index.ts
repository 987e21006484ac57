export { BufferBudget } from "./budget.js";
export type { CaleConfig, CaleLimits } from "./cale-config.js";
export type { AsyncCaleCipher, Awaitable, CaleCipher, CaleCrypto, CaleKeyPair, SyncCaleCipher } from "./cale-crypto.js";
export type { CampSessionConfig } from "./camp-dialect.js";
export { CampSession } from "./camp-session.js";
export type { Clock } from "./clock.js";
export { CloseCode, isFinalClose } from "./close-codes.js";
export type { CryoSessionConfig } from "./cryo-dialect.js";
export { CryoSession, type CryoSessionStats } from "./cryo-session.js";
export {
  AckTimeoutError,
  CaleError,
  CampError,
  ConnectionLostError,
  DroppedError,
  HookError,
  PayloadTooLargeError,
  ResumeFailedError,
  SessionClosedError,
  StreamCancelledError,
  StreamDataError,
  StreamIncompleteError,
  StreamSourceError,
  StreamStalledError,
  StreamTimeoutError,
  VersionMismatchError,
} from "./errors.js";
export type { DropReason, FrameTrace, SessionEvents } from "./events.js";
export { Fifo } from "./fifo.js";
export { type Box, type Hook, type Hooks, type MessageKind, noHooks, type Payload } from "./hooks.js";
export type { IncomingStream, StreamState } from "./incoming-stream.js";
export type { WaitForStreamOptions } from "./incoming-streams.js";
export { type FrameParts, whole } from "./join.js";
export {
  type Backpressure,
  type DropPolicy,
  defaultBackpressure,
  defaultSettings,
  type SessionSettings,
} from "./limits.js";
export type { LinkConfig } from "./link-config.js";
export { ResumeClaim, type ResumeClaimConfig } from "./resume-claim.js";
export type { ResumeConfig } from "./resumption.js";
export type { AliveMarks, SessionEngine } from "./session-engine.js";
export type { RandomSource, SequentialSource, StreamSource } from "./source.js";
export type { SessionStats } from "./stats.js";
export type { OutgoingStreamOptions } from "./stream-sender.js";
export type { SessionInputs, Transport } from "./transport.js";
