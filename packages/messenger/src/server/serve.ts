import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { CAMP } from "camp-server";
import { StoreError } from "../sqlite/store-error.js";
import { attachMessenger, type MessengerServerOptions } from "./attach.js";
import { makeFolder } from "./make-folder.js";
import { Origins } from "./origins.js";
import { SqliteStore } from "./sqlite-store.js";

/** How to run a messenger: a store, a port, and who may connect. */
export interface ServeOptions {
  /** Folder of the store; it is made if there is none. */
  readonly dataDir: string;
  /** 0 picks a free one. Default 8080. */
  readonly port?: number;
  /** Address to listen on. Default: every one. */
  readonly host?: string;
  readonly origins?: readonly string[];
  /** Decides who may connect; registration proves who it is. Default `messenger`. */
  readonly token?: string;
  readonly proxy?: string;
  /** Answers every plain HTTP request: the application's pages. Default: 404. */
  readonly pages?: RequestListener;
  readonly failed?: (error: unknown) => void;
  /** As that of `attachMessenger`. */
  readonly record?: NonNullable<MessengerServerOptions["record"]>;
}

/** A messenger that runs. */
export interface MessengerServing {
  readonly port: number;
  readonly http: Server;
  /** Ends every connection, then the store; nothing that was accepted is lost. */
  close(): Promise<void>;
}

/** Where clients connect. */
export const campPath = "/camp";

/**
 * Runs a messenger: HTTP for its pages, CAMP on `/camp`, everything that it keeps in one folder.
 *
 * @throws {StoreError} where the folder cannot be written or is in use; its message is a line for who runs it
 * @throws {Error} with the code `EADDRINUSE` where the port is taken
 */
export async function serveMessenger(options: ServeOptions): Promise<MessengerServing> {
  const { dataDir, token = "messenger", pages = notFound } = options;
  const store = openStore(dataDir);
  const http = createServer(pages);
  try {
    const port = await listen(http, options.port ?? 8080, options.host);
    const origins = new Origins(options.origins ?? [], port);
    const camp = await CAMP(
      { validate: async (given) => given === token },
      { server: http, path: campPath, origins: [...origins.pages] },
    );
    const messenger = await attachMessenger(camp, { ...options, store, port });
    return {
      port,
      http,
      async close() {
        messenger.close();
        await camp.Destroy();
        http.closeAllConnections();
        await new Promise((resolve) => http.close(resolve));
        await store.close();
      },
    };
  } catch (error) {
    http.close();
    await store.close();
    throw error;
  }
}

function openStore(dataDir: string): SqliteStore {
  try {
    makeFolder(dataDir, 0o700);
  } catch (error) {
    throw StoreError.from(error, dataDir);
  }
  return new SqliteStore(join(dataDir, "messenger.db"));
}

function listen(http: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen({ port, host }, () => {
      http.off("error", reject);
      const address = http.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

const notFound: RequestListener = (_request, response) => {
  response.writeHead(404, { "content-type": "text/plain" }).end("nothing here\n");
};
