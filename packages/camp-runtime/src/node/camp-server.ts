import { caleOf } from "./cale.js";
import { connectCampPeer } from "./camp-client.js";
import { CampDialect } from "./camp-dialect.js";
import type { CampNodeSession } from "./camp-session.js";
import { CryoDialect } from "./cryo-dialect.js";
import type { CryoNodeSession } from "./cryo-session.js";
import { type ServerEvents, type ServerExtension, SessionServer } from "./server.js";
import { type CampServerOptions, checkServerOptions, type MixedServerOptions } from "./server-options.js";
import type { TokenValidator } from "./validation.js";

/** A server that admits CAMP clients. */
export type CampServer = SessionServer<CampNodeSession>;

/** What it emits. */
export type CampServerEvents = ServerEvents<CampNodeSession>;

/** What can be registered with it. */
export type CampServerExtension = ServerExtension<CampNodeSession>;

/** A session of either dialect; its property `dialect` tells which. */
export type MixedSession = CampNodeSession | CryoNodeSession;

/** A server that admits CAMP and Cryo clients next to each other. To other servers it speaks CAMP. */
export type MixedServer = SessionServer<MixedSession, CampNodeSession>;

/**
 * Starts a CAMP server, as {@link SessionServer.start}; with `dialects` one that also admits Cryo clients.
 *
 * @throws OptionsError (a rejection) for options that make no sense
 */
export function startCampServer(validator: TokenValidator, options: MixedServerOptions): Promise<MixedServer>;
export function startCampServer(validator: TokenValidator, options?: CampServerOptions): Promise<CampServer>;
export async function startCampServer(
  validator: TokenValidator,
  given?: CampServerOptions | MixedServerOptions,
): Promise<CampServer | MixedServer> {
  const { dialects, use_cale, nonceOrder, resumeWindowMs, maxDisconnectedSessions, ...options } =
    checkServerOptions(given);
  return SessionServer.start<MixedSession, CampNodeSession>(validator, options, {
    dialects: (terms) => [
      ...(dialects.includes("camp") ? [new CampDialect(terms, { resumeWindowMs, maxDisconnectedSessions })] : []),
      ...(dialects.includes("cryo") ? [new CryoDialect(terms, caleOf({ use_cale, nonceOrder }))] : []),
    ],
    connectPeer: connectCampPeer,
  });
}
