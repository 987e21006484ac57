import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CAMP } from "camp-server";

export type Server = Awaited<ReturnType<typeof CAMP>>;
export type Session = Server["sessions"] extends ReadonlyMap<bigint, infer S> ? S : never;

/** The port is taken by somebody else. */
export class PortInUseError extends Error {}

/** Starts a server on this machine alone that admits one token and echoes every message. */
export async function startServer(port: number, token: string): Promise<Server> {
  const server = await CAMP({ validate: async (given) => given === token }, { port, host: "127.0.0.1" });
  server.on("session", echoMessages);
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new PortInUseError(`port ${port} is in use; choose another with --port, or --port 0 for any`, {
      cause: error,
    });
  }
  return server;
}

/**
 * The server's part of the transfers with the first session: takes the stream "upload" into a file, tells the SHA-256 of
 * what arrived, and offers the file for pulling as "download". Resolves to that SHA-256.
 */
export async function serveTransfers(server: Server, folder: string, signal: AbortSignal): Promise<string> {
  const [session] = (await once(server, "session", { signal })) as [Session];
  const upload = await session.transaction.WaitForStream("upload", { signal });
  const path = join(folder, "received.bin");
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(upload, hashing, createWriteStream(path), { signal });
  const sha256 = hash.digest("hex");
  await session.base.SendUTF8(sha256);
  await session.transaction.Stream({ path }, { streamName: "download", behaviour: "pull", signal });
  return sha256;
}

function echoMessages(session: Session): void {
  // A message that cannot be echoed any more settles with the session; nobody needs to hear of it here.
  session.on("message-utf8", (text) => void session.base.SendUTF8(text));
  session.on("message-binary", (bytes) => void session.base.SendBinary(bytes));
}
