import { once } from "node:events";
import { type CAMPClientWebsocketSession, type CampClientOptions, camp as connect } from "camp-client-node";
import {
  type CAMPServerWebsocketSession,
  type CAMPWebsocketServer,
  type ICAMPWebsocketServerOptions,
  camp as serve,
} from "camp-server";
import { FaultyNetwork } from "./faulty-network.js";

/** Impatient, so that a run of half a minute sees many cuts; a dead connection is missed within a second. */
const settings = { keepAliveIntervalMs: 500, ackTimeoutMs: 600_000 };

/** A server and a client, a network with faults between them, and the events of their session. */
export interface Ends {
  readonly server: CAMPWebsocketServer;
  readonly network: FaultyNetwork;
  readonly client: CAMPClientWebsocketSession;
  /** The server's session. */
  readonly session: CAMPServerWebsocketSession;
  /** What happened to connections and sessions so far. */
  readonly life: { sessions: number; resumes: number; anew: number };
  close(): Promise<void>;
}

/** What is to be different. */
export interface MeetingOptions {
  readonly server?: ICAMPWebsocketServerOptions;
  readonly client?: CampClientOptions;
}

/** Connects the two on a network without faults. */
export async function meet(options: MeetingOptions = {}): Promise<Ends> {
  const server = await serve({ validate: () => true }, { port: 0, host: "127.0.0.1", ...settings, ...options.server });
  const network = await FaultyNetwork.open(server.port);
  const life = { sessions: 0, resumes: 0, anew: 0 };
  server.on("session", () => life.sessions++);
  const admitted = once(server, "session") as Promise<[CAMPServerWebsocketSession]>;
  const client = await connect(`127.0.0.1:${network.port}`, "chaos", {
    ...settings,
    ...options.client,
    timeout: 2000,
    reconnect: { minDelayMs: 1, maxDelayMs: 2, maxAttempts: 1_000_000 },
  });
  client.on("reconnected", ({ resumed }) => {
    if (resumed) life.resumes++;
    else life.anew++;
  });
  const [session] = await admitted;
  await Promise.all([once(session, "connected"), once(client, "connected")]);
  // The session can be resumed once the client has acknowledged its secret, which went before this message's ACK.
  await client.base.SendUTF8("hello");
  await session.base.SendUTF8("hello");
  const close = async (): Promise<void> => {
    client.Destroy();
    await server.Destroy();
    await network.close();
  };
  return { server, network, client, session, life, close };
}
