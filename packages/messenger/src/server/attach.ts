import type { CAMPWebsocketServer } from "camp-server";
import type { WebKeyPair } from "../protocol/index.js";
import { exportKeys, generateSigningKeys, importSigningKeys } from "../protocol/index.js";
import { Connection } from "./connection.js";
import { Origins } from "./origins.js";
import { Relay, type RelayWorld } from "./relay.js";
import type { MessengerStore } from "./store.js";
import { type RelayClock, type RelaySession, systemClock } from "./world.js";

/** How a messenger runs on a CAMP server. */
export interface MessengerServerOptions {
  readonly store: MessengerStore;
  /** Origins of pages besides those of this machine: `https://chat.example`. With `ws` for `http` a registration may sign them. */
  readonly origins?: readonly string[];
  /** The port that the names of this machine are followed by. Default: the server's own. */
  readonly port?: number;
  /** The address of a proxy whose `X-Forwarded-For` counts. Default: none does. */
  readonly proxy?: string;
  /** Told of what goes wrong here: a full disk, a store that fails. Never of what a client did. */
  readonly failed?: (error: unknown) => void;
  /**
   * Told of every change of state: challenges, registrations, envelopes accepted, refused, delivered and acknowledged, and ends. Each comes
   * with the row of a state tree that it belongs to, one for each connection. Never what an envelope holds.
   */
  readonly record?: RelayWorld["record"];
  readonly clock?: RelayClock;
}

export interface MessengerServer {
  /** Page origins for the option `origins` of the CAMP server. */
  readonly origins: readonly string[];
  /** Ends every connection. The store stays open. */
  close(): void;
}

const hourMs = 3_600_000;

/**
 * Makes a messenger of a CAMP server: every session gets a challenge, and who answers it can be written to. Uses the server's public
 * interface alone. The server's `origins` option decides which pages connect; `Origins` gives the list that fits.
 *
 * @throws {StoreError} where the store fails
 */
export async function attachMessenger(
  server: CAMPWebsocketServer,
  options: MessengerServerOptions,
): Promise<MessengerServer> {
  const { store, proxy, clock = systemClock, failed = () => {}, record = () => {} } = options;
  const origins = new Origins(options.origins ?? [], options.port ?? server.port ?? 0);
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const relay = new Relay({ clock, random, failed, record }, store, await serverKeys(store), origins);
  server.on("session", (session) => {
    new Connection(relay, session as RelaySession, addressOf(session as RelaySession, proxy));
  });
  const stopForgetting = forgetHourly(relay, clock);
  return {
    origins: origins.pages,
    close() {
      stopForgetting();
      relay.close();
    },
  };
}

/** The server's G, made at the first start and the same ever after: clients pin it. */
async function serverKeys(store: MessengerStore): Promise<WebKeyPair> {
  const known = await store.serverKey();
  if (known !== null) return importSigningKeys(known, false);
  const made = await generateSigningKeys(true);
  await store.saveServerKey(await exportKeys(made));
  return made;
}

/** Whom refused responses are counted for. Only a proxy of ours may say that it speaks for another. */
function addressOf(session: RelaySession, proxy: string | undefined): string {
  const address = session.remoteAddress ?? "";
  if (proxy === undefined || plain(address) !== plain(proxy)) return address;
  const forwarded = session.info.headers["x-forwarded-for"];
  const list = typeof forwarded === "string" ? forwarded : (forwarded ?? []).join();
  // The last one is what the proxy itself saw; those before it anybody can write.
  return list.split(",").at(-1)?.trim() || address;
}

function plain(address: string): string {
  return address.replace(/^::ffff:/, "");
}

function forgetHourly(relay: Relay, clock: RelayClock): () => void {
  let stop = () => {};
  const forget = () => {
    relay.store.forget(clock.now()).catch((error: unknown) => relay.failed(error));
    stop = clock.after(hourMs, forget);
  };
  forget();
  return () => stop();
}
