import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { within } from "./patience.js";
import type { RawFrame, RawPeer } from "./raw-peer.js";
import { uncaught } from "./rig.js";

export interface HandMadeServerOptions {
  /** Which subprotocol the server selects. Default: what was offered first, as deployed servers do. */
  readonly selects?: (offered: ReadonlySet<string>) => string | false;
  /** What deployed servers answer to upgrades that they refuse; null admits. */
  readonly refuses?: (request: IncomingMessage, attempt: number) => string | null;
}

/** A server by hand, which behaves like the deployed ones, for clients of ours. */
export abstract class HandMadeServer<
  Client extends { Destroy(): void },
  Peer extends RawPeer<RawFrame>,
  Options extends HandMadeServerOptions,
> {
  /** The upgrade requests, in order. */
  readonly requests: IncomingMessage[] = [];
  readonly peers: Peer[] = [];
  protected readonly options: Options;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #clients: Client[] = [];
  readonly #arrivals: ((peer: Peer) => void)[] = [];
  #taken = 0;

  constructor(options: Options) {
    this.options = options;
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

  /** The server's end of a connection. */
  protected abstract admit(socket: WebSocket, query: URLSearchParams): Peer;

  protected async listen(): Promise<void> {
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
  }

  get host(): string {
    return `127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
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

  /** Ends this client with the test. */
  protected keep(client: Client): Client {
    this.#clients.push(client);
    return client;
  }

  protected async stop(): Promise<void> {
    for (const client of this.#clients) client.Destroy();
    for (const peer of this.peers) peer.socket.terminate();
    await Promise.all(this.peers.map((peer) => peer.closed));
    this.#sockets.close();
    this.#http.closeAllConnections();
    this.#http.close();
    assert.deepEqual(uncaught, []);
    for (const peer of this.peers) peer.check();
  }

  #admit(socket: WebSocket, request: IncomingMessage): void {
    const peer = this.admit(socket, new URL(request.url!, "http://localhost").searchParams);
    this.peers.push(peer);
    this.#arrivals.shift()?.(peer);
  }
}
