import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { type CAMPServerWebsocketSession, type CAMPWebsocketServer, camp, type ITokenValidator } from "camp-server";

// What the tests of this folder share. Everything ends with its test; contains none itself.

/** A server that lets everybody in, unless told otherwise. */
export async function startServer(
  t: TestContext,
  port = 0,
  validate: ITokenValidator["validate"] = () => true,
): Promise<CAMPWebsocketServer> {
  const server = await camp({ validate }, { port, host: "127.0.0.1" });
  t.after(() => server.Destroy());
  return server;
}

/** The next session that the server admits. */
export function nextSession(server: CAMPWebsocketServer): Promise<CAMPServerWebsocketSession> {
  return new Promise((resolve) => server.once("session", resolve));
}

/** A network between page and server that can break. */
export interface BreakableNetwork {
  /** What pages connect to. */
  readonly host: string;
  /** How often it was cut by `cutEvery`. */
  readonly cuts: number;
  /** Breaks every connection, in the middle of whatever it carries. */
  cut(): void;
  /** Cuts so many times, whenever so many more bytes have passed in both directions. */
  cutEvery(bytes: number, times: number): void;
  /** From now on nothing gets through on the present connections, and nobody is told. */
  freeze(): void;
}

export async function breakableNetwork(t: TestContext, port: number | null): Promise<BreakableNetwork> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const freeze = () => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  let [passedBytes, nextCutAt, everyBytes, cutsLeft] = [0, 0, 0, 0];
  const cutEvery = (bytes: number, times: number) => {
    [nextCutAt, everyBytes, cutsLeft] = [passedBytes + bytes, bytes, times];
  };
  const network = { host: "", cuts: 0, cut, cutEvery, freeze };
  const passed = (bytes: Buffer) => {
    passedBytes += bytes.length;
    if (cutsLeft === 0 || passedBytes < nextCutAt) return;
    nextCutAt = passedBytes + everyBytes;
    cutsLeft--;
    network.cuts++;
    cut();
  };
  const server = createServer((near) => {
    const far = connect(port!, "127.0.0.1");
    for (const socket of [near, far]) {
      keep(socket);
      socket.on("data", passed);
    }
    near.pipe(far).pipe(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    cut();
  });
  network.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return network;
}
