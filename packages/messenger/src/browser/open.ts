import { CAMP } from "camp-client-browser";
import {
  type ClientClock,
  type ClientWorld,
  Messenger,
  MessengerError,
  type MessengerOptions,
} from "../client/index.js";
import type { FileVault } from "./file-vault.js";
import { IndexedDbStore } from "./indexed-db-store.js";
import { takeTurn } from "./turn.js";

export interface OpenOptions {
  /** Of the messenger: `https://chat.example`. Default: where the page came from. */
  readonly server?: string;
  /** Which of several identities of this browser. Default `messenger`. */
  readonly profile?: string;
  /** Decides who may connect. Default `messenger`. */
  readonly token?: string;
  readonly name?: string;
  /**
   * Only one tab at a time is the messenger. `take`, the default: the tab that is asks for it and gets it. `wait`: it gets it when
   * the other one is closed.
   */
  readonly turn?: "take" | "wait";
  /** Ends the waiting for the turn: the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Another tab is the messenger now; this one is closed. */
  readonly lost?: () => void;
  /** Hears every change of state: that of `createStateTree`, for example. */
  readonly record?: MessengerOptions["record"];
}

/** A messenger in a page, and the files that it received. */
export interface OpenedMessenger {
  readonly messenger: Messenger;
  readonly files: FileVault;
}

const clock: ClientClock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** The world of a messenger in a page. */
export function browserWorld(server: string = location.origin, token = "messenger"): ClientWorld {
  const url = new URL("/camp", server.replace(/^http/, "ws"));
  return {
    clock,
    origin: url.origin,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    connect: (signal) => CAMP(url.href, token, { reconnect: false, signal }),
  };
}

/**
 * The messenger of this browser. Resolves when it is this tab's turn. Call `start` to connect.
 *
 * @throws {MessengerError} `STORE` where the browser cannot keep it
 */
export async function openMessenger(options: OpenOptions = {}): Promise<OpenedMessenger> {
  const { server, token, name, record, profile = "messenger", turn = "take", lost = () => {}, signal } = options;
  if (!globalThis.isSecureContext) {
    throw new MessengerError("STORE", "a page must come over https, or from this machine, to keep keys");
  }
  let opened: OpenedMessenger | null = null;
  let over = false;
  const mine = await takeTurn(profile, { take: turn === "take", signal, asked: () => void end() });
  async function end() {
    if (over) return;
    over = true;
    await opened?.messenger.close();
    mine.release();
    lost();
  }
  try {
    const store = await IndexedDbStore.open(profile);
    const world = browserWorld(server, token);
    const messenger = await Messenger.open({
      ...{ world, store },
      ...(name !== undefined && { name }),
      ...(record && { record }),
    });
    opened = { messenger, files: store.files };
    if (over) await messenger.close();
    return opened;
  } catch (error) {
    mine.release();
    throw error;
  }
}

/** The bytes of a file of the user's, for `sendFile`. */
export async function* contentOf(file: Blob): AsyncGenerator<Uint8Array> {
  const chunkBytes = 1 << 18;
  for (let at = 0; at < file.size; at += chunkBytes) {
    yield new Uint8Array(await file.slice(at, at + chunkBytes).arrayBuffer());
  }
}
