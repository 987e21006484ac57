import { type CryoServer, type CryoServerOptions, startCryoServer, type TokenValidator } from "camp-runtime/node";

export { ConnectError, type ConnectErrorCode, OptionsError } from "camp-runtime";
export type {
  CloseOptions,
  CryoNodeSession as CryoServerWebsocketSession,
  CryoServer as CryoWebsocketServer,
  CryoServerEvents as CryoWebsocketServerEvents,
  CryoServerExtension as ICryoExtension,
  CryoServerOptions as ICryoWebsocketServerOptions,
  CryoSessionEvents as CryoServerWebsocketSessionEvents,
  HookResult,
  PeerOptions as CryoPeerOptions,
  PlaintextMark,
  SendOptions,
  SessionInfo,
  SessionState,
  TlsOptions,
  TokenSource,
  TokenValidator as ITokenValidator,
  ValidationContext,
} from "camp-runtime/node";
export {
  AckTimeoutError,
  type Backpressure,
  type Box,
  CaleError,
  CampError,
  ConnectionLostError,
  type CryoSessionStats,
  type DropPolicy,
  DroppedError,
  type DropReason,
  HookError,
  type MessageKind,
  PayloadTooLargeError,
  SessionClosedError,
} from "camp-session";

/**
 * Starts a Cryo server.
 *
 * The promise resolves once the port is open, or cannot be opened, and at once for the option `server`. `listening` or
 * `error` follow a turn later, so that handlers attached right after an `await` are in time; a `listening` handler that
 * comes later still is called on its next turn. An `error` that nobody listens to is thrown, as Node does.
 *
 * With `use_cale: true` the event `session` comes before the session is encrypted; what is sent meanwhile waits, and
 * `session.secure` and its event `secure` tell. A client that does not encrypt is closed with 4010.
 *
 * @param validator decides who may open a session: exactly `true` admits
 * @param options all have defaults; the port is 8080, and nothing is encrypted
 * @throws {TypeError} (as a rejection) without a validator
 * @throws {OptionsError} (as a rejection) for an option that is unknown, makes no sense or contradicts another
 */
export function cryo(validator: TokenValidator, options?: CryoServerOptions): Promise<CryoServer> {
  return startCryoServer(validator, options);
}
