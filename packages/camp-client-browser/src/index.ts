import type { TokenSource } from "camp-runtime";
import { type CampClientOptions, type CampClientSession, connectCampClient } from "camp-runtime/web";

export {
  type BaseNamespace,
  CAMP_FLOW_BEHAVIOUR,
  type CampSessionEvents as CAMPClientWebsocketSessionEvents,
  type CloseOptions,
  ConnectError,
  type ConnectErrorCode,
  type HookResult,
  OptionsError,
  type PlaintextMark,
  type ReconnectOptions,
  type SendOptions,
  type SessionState,
  type StreamOptions,
  type TokenSource,
  type TransactionNamespace,
  type WaitOptions,
} from "camp-runtime";
export {
  CAMPReadable,
  type CampClientExtension as ICAMPExtension,
  type CampClientOptions,
  type CampClientSession as CAMPClientWebsocketSession,
  SessionEvent,
  type SessionInfo,
  type SourceInput,
} from "camp-runtime/web";
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
 * Connects to a CAMP server from a page.
 *
 * Resolves once the connection is open. `connected` follows, a turn later at the earliest, so that handlers attached right
 * after an `await` miss nothing; what is sent before it waits for it. A server that cannot be reached or is busy is tried
 * again until `timeout` is over; one that refuses is not. A connection lost later is replaced (`reconnect`), at once when
 * the page wakes or is online again. The session then goes on where it was cut (`resumeWindowMs`): every message arrives exactly
 * once. With servers that do not know how to resume, messages that were not acknowledged are sent again, at least once.
 *
 * @param host `localhost:8080`, `ws://…`, `wss://…` or `http(s)://…`, with or without path and query; without a scheme `wss` on
 * a page that came over https, else `ws`
 * @param bearer the token, or a function that gives one for each attempt to connect
 * @throws {ConnectError} (as a rejection) when no connection comes about; `code` tells why
 * @throws {OptionsError} (as a rejection) for a host or options that make no sense
 * @throws {TypeError} (as a rejection) for a host or token of the wrong type
 */
export function camp(host: string, bearer: TokenSource, options?: CampClientOptions): Promise<CampClientSession> {
  return connectCampClient(host, bearer, options);
}

/** The same function by the name of the protocol. */
export const CAMP: typeof camp = camp;
