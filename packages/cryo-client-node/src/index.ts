import { cryoOptions } from "camp-runtime";
import { type CryoClientOptions, type CryoClientSession, connectCryoClient, type TokenSource } from "camp-runtime/node";

export { ConnectError, type ConnectErrorCode, OptionsError } from "camp-runtime";
export type {
  CloseOptions,
  CryoClientExtension as ICryoExtension,
  CryoClientOptions,
  CryoClientSession as CryoClientWebsocketSession,
  CryoSessionEvents as CryoClientWebsocketSessionEvents,
  HookResult,
  PlaintextMark,
  ReconnectOptions,
  SendOptions,
  SessionInfo,
  SessionState,
  TlsOptions,
  TokenSource,
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
 * Connects to a Cryo server.
 *
 * Resolves once the connection is open. `connected` follows, a turn later at the earliest, so that handlers attached right
 * after an `await` miss nothing; what is sent before it waits for it. With CALE the event `secure` follows right behind
 * `connected`. A server that cannot be reached or is busy is tried again until the timeout is over; one that refuses is not.
 *
 * If only one end uses CALE the session ends within the timeout: `error` with a `CaleError`, then `closed` with 4010. Nothing
 * that was sent has left unencrypted.
 *
 * A connection lost later is replaced (`reconnect`), with fresh keys, and messages that were not acknowledged are sent again:
 * exactly once within a connection, at least once across connections.
 *
 * @param host `localhost:8080`, `ws://…`, `wss://…` or `http(s)://…`, with or without path and query; without a scheme `ws`
 * @param bearer the token, or a function that gives one for each attempt to connect
 * @param options options, or whether to use CALE
 * @param timeout milliseconds for the first connect and each later one, where the argument before is no object; default 5000
 * @throws {ConnectError} (as a rejection) when no connection comes about; `code` tells why
 * @throws {OptionsError} (as a rejection) for a host or options that make no sense
 * @throws {TypeError} (as a rejection) for a host or token of the wrong type
 */
export function cryo(host: string, bearer: TokenSource, options?: CryoClientOptions): Promise<CryoClientSession>;
export function cryo(
  host: string,
  bearer: TokenSource,
  use_cale?: boolean,
  timeout?: number,
): Promise<CryoClientSession>;
export async function cryo(
  host: string,
  bearer: TokenSource,
  options?: boolean | CryoClientOptions,
  timeout?: number,
): Promise<CryoClientSession> {
  return connectCryoClient(host, bearer, cryoOptions(options, timeout));
}
