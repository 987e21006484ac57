export {
  BaseNamespace,
  CAMP_FLOW_BEHAVIOUR,
  type ClockSource,
  type CloseOptions,
  type HookResult,
  type PlaintextMark,
  type ReconnectOptions,
  type SendOptions,
  type SessionLifecycle,
  type SessionOwner,
  type SessionPair,
  type SessionState,
  type SessionTraceDetails,
  type SessionTraceEvent,
  type StreamOptions,
  type TokenSource,
  type WaitOptions,
} from "camp-runtime";
export type { NodeSessionConfig } from "./assemble.js";
export { nodeCaleCrypto } from "./cale-crypto.js";
export { connectCampClient } from "./camp-client.js";
export { type CampClientExtension, CampClientSession } from "./camp-client-session.js";
export {
  type CampServer,
  type CampServerEvents,
  type CampServerExtension,
  type MixedServer,
  type MixedSession,
  startCampServer,
} from "./camp-server.js";
export { CampNodeSession, type CampSessionPair, createCampSession } from "./camp-session.js";
export {
  type CampClientOptions,
  type CryoClientOptions,
  checkClientOptions,
  checkCryoClientOptions,
  type PeerOptions,
} from "./client-options.js";
export type { TlsOptions } from "./connect.js";
export { connectCryoClient } from "./cryo-client.js";
export { type CryoClientExtension, CryoClientSession } from "./cryo-client-session.js";
export { type CryoServer, type CryoServerEvents, type CryoServerExtension, startCryoServer } from "./cryo-server.js";
export { CryoNodeSession, type CryoSessionPair, createCryoSession } from "./cryo-session.js";
export { type FrameTraceMessage, type SessionTraceMessage, type TracedSession, traceSession } from "./diagnostics.js";
export { publish, reportFailure } from "./emitter.js";
export { type Extension, Extensions } from "./extensions.js";
export { NodeSession, type SessionInfo } from "./node-session.js";
export { CAMPReadable } from "./readable.js";
export { SessionServer } from "./server.js";
export {
  type CampServerOptions,
  type CryoServerOptions,
  checkCryoServerOptions,
  checkServerOptions,
  type DialectName,
  type MixedServerOptions,
} from "./server-options.js";
export type { CampSessionEvents, CryoSessionEvents } from "./session-events.js";
export type { PathInput, SourceInput } from "./sources.js";
export { TransactionNamespace } from "./transaction-namespace.js";
export type { TokenValidator, ValidationContext } from "./validation.js";
export { WsTransport, webSocketOptions } from "./ws-transport.js";
