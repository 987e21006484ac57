import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Recorder } from "session-recorder";
import { recordSessions } from "session-recorder/node";
import { createHandler } from "./handler.js";

/** How sessions are inspected. */
export interface InspectOptions {
  /** TCP port of the page; 0, the default, picks a free one. */
  readonly port?: number;
  /** Where to listen. Default `127.0.0.1`: this machine alone. What is shown there concerns all users of this process. */
  readonly host?: string;
  /** Names by which the page may be asked for, besides addresses of this machine: put there what a browser's address bar will show. */
  readonly names?: readonly string[];
  /** What the page must know to be told anything. Default: 24 random bytes, anew each time. */
  readonly token?: string;
  /** Whether the page is shown what messages hold. Default false: sizes only. */
  readonly payloads?: boolean;
  /** Steps that are kept, at most: an integer from 100, 20 000 by default. */
  readonly maxNodes?: number;
}

/** An inspector that runs. */
export interface Inspector {
  /** The page, with its token behind `#`, which browsers do not send on. */
  readonly url: string;
  readonly port: number;
  /** What it shows. Whatever else this process does can be shown as well: `recorder.watch` begins a row. */
  readonly recorder: Recorder;
  /** Ends it, and the recording. May be called again. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows what the sessions of this process do, of servers and clients alike. From here on they are recorded, until
 * `close`.
 *
 * @throws {RangeError} for a `maxNodes` that is no integer from 100; rejects with the error of the system if the port cannot be opened
 */
export async function inspectSessions(options: InspectOptions = {}): Promise<Inspector> {
  const { port = 0, host = "127.0.0.1", names = [], payloads = false, maxNodes } = options;
  const { token = randomBytes(24).toString("base64url") } = options;
  const recorder = new Recorder({
    now: () => performance.now(),
    payloads,
    ...(maxNodes !== undefined && { maxNodes }),
  });
  const server = createServer(createHandler({ recorder, token, names: [host, ...names] }));
  server.listen(port, host);
  await once(server, "listening");
  const stop = recordSessions(recorder);
  const { port: opened } = server.address() as AddressInfo;
  let closed: Promise<unknown> | undefined;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${opened}/#${token}`,
    port: opened,
    recorder,
    async close() {
      stop();
      closed ??= server.listening ? once(server.close(), "close") : Promise.resolve();
      server.closeAllConnections();
      await closed;
    },
  };
}
