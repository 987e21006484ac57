import type { TokenSource } from "camp-runtime";
import type { CaleConfig, SessionSettings } from "camp-session";
import { caleOf } from "./cale.js";
import { clientDeadlines, connect, connectPeer, type PeerContext } from "./client.js";
import {
  type CheckedPeerOptions,
  type CryoClientOptions,
  checkCryoClientOptions,
  checkPeerOptions,
  type PeerOptions,
} from "./client-options.js";
import { type CryoClientSession, createCryoClientSession } from "./cryo-client-session.js";
import { type CryoNodeSession, type CryoSessionPair, createCryoSession } from "./cryo-session.js";
import { cryoTerms } from "./upgrade-terms.js";

/** Connects a Cryo client. @throws {OptionsError} for options that make no sense; otherwise as {@link connect} */
export async function connectCryoClient(
  host: string,
  token: TokenSource,
  given?: CryoClientOptions,
): Promise<CryoClientSession> {
  const { use_cale, nonceOrder, compat, ...options } = checkCryoClientOptions(given);
  const encryption = caleOf({ use_cale, nonceOrder });
  const cale = encryption && { ...encryption, ...compat, handshakeTimeoutMs: caleTimeoutMs(options, options) };
  const { reconnect } = options;
  const { session } = await connect({ host, token, terms: cryoTerms(use_cale), options, reconnect }, (start) =>
    createCryoClientSession({
      ...start,
      cale,
      type: undefined,
      settings: options,
      deadlines: clientDeadlines,
      onClosed: () => undefined,
    }),
  );
  return session;
}

/** Opens a Cryo session from one server to another, encrypted as this server's are. @throws as {@link connectCryoClient} */
export async function connectCryoPeer(
  host: string,
  token: TokenSource,
  given: PeerOptions | undefined,
  context: PeerContext<CryoNodeSession>,
  cale: CaleConfig | null,
): Promise<CryoSessionPair> {
  const options = checkPeerOptions(given);
  return connectPeer({ host, token, terms: cryoTerms(cale !== null), options }, context, (config) =>
    createCryoSession({
      ...config,
      cale: cale && { ...cale, handshakeTimeoutMs: caleTimeoutMs(options, config.settings) },
    }),
  );
}

/** A server that knows nothing of CALE is silent: that must be told within the time that the caller allows a connection. */
function caleTimeoutMs({ timeout }: CheckedPeerOptions, { handshakeTimeoutMs }: SessionSettings): number {
  return Math.min(handshakeTimeoutMs, timeout);
}
