export { BaseNamespace, type SendOptions } from "./base-namespace.js";
export { connectCampClient, connectCampPeer, type PeerContext } from "./client.js";
export {
  type CampClientOptions,
  type CampPeerOptions,
  checkClientOptions,
  type ReconnectOptions,
} from "./client-options.js";
export { type CampClientExtension, CampClientSession, createCampClientSession } from "./client-session.js";
export type { TlsOptions } from "./connect.js";
export {
  type FrameTraceMessage,
  type SessionTraceDetails,
  type SessionTraceEvent,
  type SessionTraceMessage,
  traceSession,
} from "./diagnostics.js";
export { publish, reportFailure } from "./emitter.js";
export { type CampExtension, Extensions, type HookResult } from "./extensions.js";
export { type CloseOptions, NodeSession, type SessionInfo, type SessionState } from "./node-session.js";
export type { TokenSource } from "./opener.js";
export { CAMP_FLOW_BEHAVIOUR, CAMPReadable } from "./readable.js";
export { CampServer, type CampServerEvents, type CampServerExtension } from "./server.js";
export { type CampServerOptions, checkServerOptions } from "./server-options.js";
export {
  CampNodeSession,
  type CampSessionPair,
  type ClockSource,
  createCampSession,
  type NodeSessionConfig,
} from "./session.js";
export type { CampSessionEvents, SessionLifecycle, SessionOwner } from "./session-events.js";
export type { PathInput, SourceInput } from "./sources.js";
export { type StreamOptions, TransactionNamespace, type WaitOptions } from "./transaction-namespace.js";
export type { TokenValidator, ValidationContext } from "./validation.js";
export { WsTransport, webSocketOptions } from "./ws-transport.js";
