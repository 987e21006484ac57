import {
  type CampServer,
  type CampServerOptions,
  type MixedServer,
  type MixedServerOptions,
  startCampServer,
  type TokenValidator,
} from "camp-runtime/node";

export { ConnectError, type ConnectErrorCode, OptionsError } from "camp-runtime";
export {
  CAMP_FLOW_BEHAVIOUR,
  CAMPReadable,
  type CampNodeSession as CAMPServerWebsocketSession,
  type CampServer as CAMPWebsocketServer,
  type CampServerEvents as CAMPWebsocketServerEvents,
  type CampServerExtension as ICAMPExtension,
  type CampServerOptions as ICAMPWebsocketServerOptions,
  type CampSessionEvents as CAMPServerWebsocketSessionEvents,
  type CloseOptions,
  type CryoNodeSession as CryoServerWebsocketSession,
  type CryoSessionEvents as CryoServerWebsocketSessionEvents,
  type DialectName,
  type HookResult,
  type MixedServer,
  type MixedServerOptions,
  type MixedSession,
  type PathInput,
  type PeerOptions as CampPeerOptions,
  type SendOptions,
  type SessionInfo,
  type SessionState,
  type SourceInput,
  type StreamOptions,
  type TlsOptions,
  type TokenSource,
  type TokenValidator as ITokenValidator,
  type ValidationContext,
  type WaitOptions,
} from "camp-runtime/node";
export {
  AckTimeoutError,
  type Backpressure,
  type Box,
  CampError,
  ConnectionLostError,
  type DropPolicy,
  DroppedError,
  type DropReason,
  HookError,
  type MessageKind,
  PayloadTooLargeError,
  ResumeFailedError,
  SessionClosedError,
  type SessionStats,
  StreamCancelledError,
  StreamDataError,
  StreamIncompleteError,
  StreamSourceError,
  StreamStalledError,
  StreamTimeoutError,
  VersionMismatchError,
} from "camp-session";

/**
 * Starts a CAMP server.
 *
 * The promise resolves once the port is open, or cannot be opened, and at once for the option `server`. `listening` or
 * `error` follow a turn later, so that handlers attached right after an `await` are in time; a `listening` handler that
 * comes later still is called on its next turn. An `error` that nobody listens to is thrown, as Node does.
 *
 * @param validator decides who may open a session: exactly `true` admits
 * @param options all have defaults; the port is 8080. With `dialects: ["camp", "cryo"]` Cryo clients are admitted as well, and the
 *   property `dialect` of a session tells which it is
 * @throws {TypeError} (as a rejection) without a validator
 * @throws {OptionsError} (as a rejection) for an option that is unknown, makes no sense or contradicts another
 */
export const camp: {
  (validator: TokenValidator, options: MixedServerOptions): Promise<MixedServer>;
  (validator: TokenValidator, options?: CampServerOptions): Promise<CampServer>;
} = startCampServer;

/** The same function by the name of the protocol. */
export const CAMP: typeof camp = camp;
