import { CampServer, type CampServerOptions, type TokenValidator } from "camp-runtime/node";

export { ConnectError, type ConnectErrorCode, OptionsError } from "camp-runtime";
export {
  CAMP_FLOW_BEHAVIOUR,
  CAMPReadable,
  type CampNodeSession as CAMPServerWebsocketSession,
  type CampPeerOptions,
  type CampServer as CAMPWebsocketServer,
  type CampServerEvents as CAMPWebsocketServerEvents,
  type CampServerExtension as ICAMPExtension,
  type CampServerOptions as ICAMPWebsocketServerOptions,
  type CampSessionEvents as CAMPServerWebsocketSessionEvents,
  type CloseOptions,
  type HookResult,
  type PathInput,
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
 * @param options all have defaults; the port is 8080
 * @throws {TypeError} (as a rejection) without a validator
 * @throws {OptionsError} (as a rejection) for an option that is unknown, makes no sense or contradicts another
 */
export function camp(validator: TokenValidator, options?: CampServerOptions): Promise<CampServer> {
  return CampServer.start(validator, options);
}

/** The same function by the name of the protocol. */
export const CAMP: typeof camp = camp;
