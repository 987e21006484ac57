import type { TokenSource } from "camp-runtime";
import { type CampClientSession, createCampClientSession } from "./camp-client-session.js";
import { type CampNodeSession, type CampSessionPair, createCampSession } from "./camp-session.js";
import { clientDeadlines, connect, connectPeer, type PeerContext } from "./client.js";
import { type CampClientOptions, checkClientOptions, checkPeerOptions, type PeerOptions } from "./client-options.js";
import { campTerms } from "./upgrade-terms.js";

/** Connects a CAMP client. @throws {OptionsError} for options that make no sense; otherwise as {@link connect} */
export async function connectCampClient(
  host: string,
  token: TokenSource,
  given?: CampClientOptions,
): Promise<CampClientSession> {
  const options = checkClientOptions(given);
  const { reconnect } = options;
  const { session } = await connect({ host, token, terms: campTerms, options, reconnect }, (start) =>
    createCampClientSession({
      ...start,
      resumeWindowMs: reconnect === false ? 0 : options.resumeWindowMs,
      type: undefined,
      nextToken: typeof token === "function" ? token : null,
      settings: options,
      deadlines: clientDeadlines,
      onClosed: () => undefined,
    }),
  );
  return session;
}

/** Opens a CAMP session from one server to another. @throws as {@link connectCampClient} */
export async function connectCampPeer(
  host: string,
  token: TokenSource,
  given: PeerOptions | undefined,
  context: PeerContext<CampNodeSession>,
): Promise<CampSessionPair> {
  return connectPeer({ host, token, terms: campTerms, options: checkPeerOptions(given) }, context, createCampSession);
}
