import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TestContext } from "node:test";
import { type CampSession, defaultSettings } from "camp-session";
import { WebSocketServer } from "ws";
import { type CampNodeSession, createCampSession } from "./camp-session.js";
import { Extensions } from "./extensions.js";
import { listen } from "./loopback.test.js";
import { createDeadlines } from "./node-time.js";
import { WsTransport } from "./ws-transport.js";

// A server that does as a test tells it. Shared by the tests of this folder; contains none itself.

/** What to do with an upgrade: refuse it with a status, leave it without an answer, or admit it with a subprotocol or none. */
export type Verdict = number | "hangs" | "camp" | "no subprotocol";

/** A session that was admitted. */
export interface Admitted {
  readonly session: CampNodeSession;
  readonly engine: CampSession;
  readonly socket: Socket;
}

/** One upgrade request as the server saw it. */
export interface Attempt {
  readonly token: string | null;
  readonly sessionId: string | null;
  readonly offered: string | undefined;
  readonly message: IncomingMessage;
  readonly socket: Socket;
}

/** A server whose every answer a test decides. Admitted sessions are real ones. */
export class CampPeer {
  readonly attempts: Attempt[] = [];
  readonly #verdict: (attempt: number) => Verdict;
  readonly #http = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => this.#selected });
  readonly #deadlines = createDeadlines();
  readonly #admitted: Admitted[] = [];
  #selected: string | false = "camp";
  #wake = (): void => undefined;
  #port = 0;

  constructor(verdict: (attempt: number) => Verdict = () => "camp") {
    this.#verdict = verdict;
    this.#http.on("upgrade", (message, socket, head) => this.#upgrade(message, socket as Socket, head));
  }

  static async open(t: TestContext, verdict?: (attempt: number) => Verdict): Promise<CampPeer> {
    const peer = new CampPeer(verdict);
    peer.#port = await listen(t, peer.#http);
    return peer;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The session that was admitted next after those asked for before. */
  async admitted(): Promise<Admitted> {
    while (this.#admitted.length === 0) await this.#change();
    return this.#admitted.shift()!;
  }

  /** Resolves when there were so many attempts. */
  async attempted(count: number): Promise<Attempt> {
    while (this.attempts.length < count) await this.#change();
    return this.attempts[count - 1]!;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = this.#wake;
      this.#wake = () => {
        wake();
        resolve();
      };
    });
  }

  #upgrade(message: IncomingMessage, socket: Socket, head: Buffer): void {
    const { searchParams } = new URL(message.url ?? "", "ws://host");
    this.attempts.push({
      token: searchParams.get("authorization"),
      sessionId: searchParams.get("x-camp-sid"),
      offered: message.headers["sec-websocket-protocol"],
      message,
      socket,
    });
    const verdict = this.#verdict(this.attempts.length);
    if (typeof verdict === "number") socket.end(`HTTP/1.1 ${verdict} No\r\nContent-Length: 0\r\n\r\n`);
    else if (verdict === "hangs") socket.resume().on("end", () => socket.end());
    else this.#admit(message, socket, head, verdict === "camp" ? "camp" : false);
    this.#wake();
  }

  /** The answer and the first frame leave in one packet, as they may from any server. */
  #admit(message: IncomingMessage, socket: Socket, head: Buffer, subprotocol: string | false): void {
    this.#selected = subprotocol;
    socket.cork();
    this.#sockets.handleUpgrade(message, socket, head, (ws) => {
      const { session, engine } = createCampSession({
        id: BigInt(this.attempts.at(-1)?.sessionId ?? 0),
        role: "server",
        type: "client",
        settings: defaultSettings,
        extensions: new Extensions<CampNodeSession, null>(() => undefined),
        deadlines: this.#deadlines,
        reconnects: false,
        phase: 0,
        info: { path: "/", query: new URLSearchParams(), headers: {}, origin: undefined, subprotocol: undefined },
        remoteAddress: undefined,
        onClosed: () => undefined,
      });
      const transport = new WsTransport(ws, socket, "none");
      transport.drive(engine);
      engine.attach(transport);
      transport.start();
      this.#admitted.push({ session, engine, socket });
    });
    process.nextTick(() => socket.uncork());
  }
}
