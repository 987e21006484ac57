import type { Socket } from "node:net";
import { CAMP as serve } from "camp-server";

export const token = "a-token-that-nobody-may-see";

/** A server that echoes texts and answers each stream with one. Shared by the tests of this folder; contains none itself. */
export async function startLiveServer(): Promise<{
  readonly address: string;
  /** Breaks the connection that was the nth to come. */
  cut(index: number): void;
  stop(): Promise<void>;
}> {
  const server = await serve({ validate: async (given) => given === token }, { port: 0 });
  const sockets: Socket[] = [];
  server.http_server.on("connection", (socket) => sockets.push(socket));
  server.on("session", (session) => {
    session.on("message-utf8", (text) => void session.base.SendUTF8(`echo ${text}`));
    session.on("stream-waiting", async (name) => {
      for await (const _ of await session.transaction.WaitForStream(name));
      await session.transaction.Stream(Buffer.alloc(70_000, "d"), { streamName: "down" });
    });
  });
  return {
    address: `127.0.0.1:${server.port}`,
    cut: (index) => sockets[index]!.destroy(),
    stop: () => server.Destroy(),
  };
}
