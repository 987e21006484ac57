import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { CAMP, type CampClientOptions, type CAMPClientWebsocketSession as Session } from "camp-client-node";
import { type WebSocket, WebSocketServer } from "ws";
import { Peer, type PeerHabits, within } from "./peer.js";
import { token, uncaught } from "./server-rig.js";

export interface ClientRigOptions extends PeerHabits {
  /** Which subprotocol the server selects. Default: what was offered first, as deployed servers do. */
  readonly selects?: (offered: ReadonlySet<string>) => string | false;
  /** What deployed servers answer to upgrades that they refuse; null admits. */
  readonly refuses?: (request: IncomingMessage, attempt: number) => string | null;
}

/** A server by hand, which behaves like the deployed ones, for clients of ours. */
export class ClientRig {
  /** The upgrade requests, in order. */
  readonly requests: IncomingMessage[] = [];
  readonly peers: Peer[] = [];
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #options: ClientRigOptions;
  readonly #clients: Session[] = [];
  #arrivals: ((peer: Peer) => void)[] = [];
  #taken = 0;

  private constructor(options: ClientRigOptions) {
    this.#options = options;
    this.#http = createServer();
    this.#sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: options.selects ?? ((offered) => [...offered][0] ?? false),
    });
    this.#http.on("upgrade", (request, socket, head) => {
      this.requests.push(request);
      const refusal = options.refuses?.(request, this.requests.length) ?? null;
      if (refusal !== null) {
        socket.end(refusal);
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#admit(webSocket, request));
    });
  }

  static async start(context: TestContext, options: ClientRigOptions = {}): Promise<ClientRig> {
    const rig = new ClientRig(options);
    rig.#http.listen(0, "127.0.0.1");
    await once(rig.#http, "listening");
    context.after(() => rig.#stop());
    return rig;
  }

  get host(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** A client of ours, and the peer that it got. By default it does not reconnect. */
  async connect(options: CampClientOptions = {}): Promise<{ client: Session; peer: Peer }> {
    const client = await this.dial(options);
    const peer = await this.nextPeer();
    await peer.connected();
    return { client, peer };
  }

  async dial(options: CampClientOptions = {}): Promise<Session> {
    const client = await CAMP(this.host, token, { reconnect: false, ...options });
    this.#clients.push(client);
    return client;
  }

  /** The peer of the next connection. */
  nextPeer(): Promise<Peer> {
    const index = this.#taken++;
    const present = this.peers[index];
    if (present !== undefined) return Promise.resolve(present);
    const arrival = new Promise<Peer>((resolve) => {
      this.#arrivals.push(resolve);
    });
    return within(arrival, () => new Error(`connection ${index + 1} does not come`));
  }

  #admit(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url!, "http://localhost").searchParams;
    const peer = new Peer(socket, BigInt(query.get("x-CAMP-sid")!), this.#options);
    this.peers.push(peer);
    this.#arrivals.shift()?.(peer);
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients) client.Destroy();
    for (const peer of this.peers) peer.socket.terminate();
    await Promise.all(this.peers.map((peer) => peer.closed));
    this.#sockets.close();
    this.#http.closeAllConnections();
    this.#http.close();
    assert.deepEqual(uncaught, []);
    for (const peer of this.peers) peer.check();
  }
}

/** Code and reason with which a client's session ended. */
export async function closing(client: Session): Promise<[code: number, reason: string]> {
  // Not `once` of node:events, which an `error` of the session would end.
  const closed = new Promise<[code: number, reason: string]>((resolve) => {
    client.once("closed", (code, reason) => resolve([code, reason]));
  });
  return within(closed, () => new Error("the client does not close"));
}

/** The client still works: a message of the peer arrives, and so does one of its own. */
export async function works(client: Session, peer: Peer): Promise<void> {
  const heard = once(client, "message-utf8");
  const ack = peer.utf8("are you well?");
  assert.deepEqual(await heard, ["are you well?"]);
  await peer.takeAck(ack);
  assert.equal(await client.base.SendUTF8("I am"), true);
  assert.equal((await peer.take("utf8")).text, "I am");
}
