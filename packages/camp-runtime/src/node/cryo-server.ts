import { caleOf } from "./cale.js";
import { connectCryoPeer } from "./cryo-client.js";
import { CryoDialect } from "./cryo-dialect.js";
import type { CryoNodeSession } from "./cryo-session.js";
import { type ServerEvents, type ServerExtension, SessionServer } from "./server.js";
import { type CryoServerOptions, checkCryoServerOptions } from "./server-options.js";
import type { TokenValidator } from "./validation.js";

/** A server that admits Cryo clients. */
export type CryoServer = SessionServer<CryoNodeSession>;

/** What it emits. */
export type CryoServerEvents = ServerEvents<CryoNodeSession>;

/** What can be registered with it. */
export type CryoServerExtension = ServerExtension<CryoNodeSession>;

/** Starts a Cryo server, as {@link SessionServer.start}. @throws OptionsError (a rejection) for options that make no sense */
export async function startCryoServer(validator: TokenValidator, given?: CryoServerOptions): Promise<CryoServer> {
  const { use_cale, nonceOrder, ...options } = checkCryoServerOptions(given);
  const cale = caleOf({ use_cale, nonceOrder });
  return SessionServer.start<CryoNodeSession, CryoNodeSession>(validator, options, {
    dialects: (terms) => [new CryoDialect(terms, cale)],
    connectPeer: (host, bearer, peerOptions, context) => connectCryoPeer(host, bearer, peerOptions, context, cale),
  });
}
