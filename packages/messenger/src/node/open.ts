import { CAMP } from "camp-client-node";
import {
  type ClientClock,
  type ClientSession,
  type ClientWorld,
  Messenger,
  type MessengerOptions,
} from "../client/index.js";
import { FileStore } from "./file-store.js";

export interface OpenOptions {
  /** Of the messenger: `https://chat.example`, `http://localhost:8080`, or with `ws` for `http`. */
  readonly server: string;
  /** The file that keeps identity, contacts and history; made with mode 0600 if there is none. */
  readonly file: string;
  /** Decides who may connect. Default `messenger`. */
  readonly token?: string;
  readonly name?: string;
  /** Hears every change of state: that of `createStateTree`, for example. */
  readonly record?: MessengerOptions["record"];
}

const clock: ClientClock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** The world of a messenger on Node. */
export function nodeWorld(server: string, token = "messenger"): ClientWorld {
  const url = new URL("/camp", server.replace(/^http/, "ws"));
  return {
    clock,
    origin: url.origin,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    connect: async (signal) => (await CAMP(url.href, token, { reconnect: false, signal })) as ClientSession,
  };
}

/**
 * A messenger of a Node program. Call `start` to connect, `close` at the end.
 *
 * @throws {StoreError} where the file is in use or cannot be written
 */
export async function openMessenger({ server, file, token, name, record }: OpenOptions): Promise<Messenger> {
  const store = new FileStore(file);
  try {
    return await Messenger.open({
      store,
      world: nodeWorld(server, token),
      ...(name !== undefined && { name }),
      ...(record && { record }),
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}
