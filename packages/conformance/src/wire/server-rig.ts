import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import {
  CAMP,
  type CAMPWebsocketServer as Server,
  type ICAMPWebsocketServerOptions as ServerOptions,
  type CAMPServerWebsocketSession as Session,
} from "camp-server";
import { WebSocket } from "ws";
import { deferred, Peer, type PeerHabits, within } from "./peer.js";

export const token = "a-token-that-must-not-leak";

/** Uncaught exceptions and unhandled rejections of this process; nothing that a peer does may add to it. */
export const uncaught: string[] = [];
process.on("uncaughtExceptionMonitor", (error, origin) => uncaught.push(`${origin}: ${String(error)}`));

let lastSid = 0x1000_0000_0000_0000n;
/** An id that no other session of this process has. */
export const newSid = (): bigint => lastSid++;

export interface RigOptions extends ServerOptions {
  /** Runs for each session at admission, instead of the echo. */
  readonly onSession?: (session: Session) => void;
  readonly validate?: Parameters<typeof CAMP>[0]["validate"];
}

export interface ConnectOptions extends PeerHabits {
  readonly sid?: bigint;
  readonly subprotocols?: readonly string[];
}

/** A CAMP server of ours that echoes, and raw peers that talk to it. One of them is the witness: it must never suffer. */
export class ServerRig {
  readonly server: Server;
  readonly #peers: Peer[] = [];
  readonly #ends = new Map<bigint, Promise<[code: number, reason: string]>>();
  readonly #sessions = new Map<bigint, Session>();
  #witness: Peer | null = null;
  #echoes = 0;

  private constructor(server: Server, onSession: (session: Session) => void) {
    this.server = server;
    server.on("session", (session) => {
      this.#sessions.set(session.id, session);
      const ended = new Promise<[number, string]>((resolve) => {
        session.once("closed", (code, reason) => resolve([code, reason]));
      });
      this.#ends.set(session.id, ended);
      onSession(session);
    });
  }

  /** Starts a server that ends with the test, and nothing of it is left. */
  static async start(context: TestContext, options: RigOptions = {}): Promise<ServerRig> {
    const { onSession = echo, validate = async (given) => given === token, ...serverOptions } = options;
    const server = await CAMP({ validate }, { port: 0, host: "127.0.0.1", ...serverOptions });
    await once(server, "listening");
    const rig = new ServerRig(server, onSession);
    context.after(() => rig.#stop());
    return rig;
  }

  get port(): number {
    return this.server.port;
  }

  /** Opens a connection as a deployed client does: everything in the query, no subprotocol. */
  open(options: ConnectOptions = {}): Peer {
    const sid = options.sid ?? newSid();
    const query = `authorization=${encodeURIComponent(`Bearer ${token}`)}&x-CAMP-sid=${sid}`;
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/?${query}`, [...(options.subprotocols ?? [])], {
      perMessageDeflate: false,
    });
    const peer = new Peer(socket, sid, options);
    this.#peers.push(peer);
    return peer;
  }

  async connect(options: ConnectOptions = {}): Promise<Peer> {
    const peer = this.open(options);
    await peer.connected();
    return peer;
  }

  /** The server's end of a peer's session, also after it ended. */
  sessionOf(peer: Peer): Session {
    const session = this.#sessions.get(peer.make.sid);
    assert.ok(session, "the peer was never admitted");
    return session;
  }

  /** The session of a raw socket whose upgrade was answered. */
  admittedAs(sid: bigint): Session {
    const session = this.server.sessions.get(sid);
    assert.ok(session, "no such session");
    return session;
  }

  /** Code and reason with which the server's end of the session was closed. */
  endOf(peer: Peer): Promise<[code: number, reason: string]> {
    return within(this.closingOf(peer), () => new Error("the server's end of the session does not close"));
  }

  /** Lets a well-behaved peer in, before anybody misbehaves. */
  async invite(): Promise<Peer> {
    this.#witness = await this.connect();
    await this.verifyEcho();
    return this.#witness;
  }

  /** The same for tests that may end before their session does. */
  closingOf(peer: Peer): Promise<[code: number, reason: string]> {
    return this.#ends.get(peer.make.sid)!;
  }

  /** The witness still gets its answers. */
  async verifyEcho(): Promise<void> {
    const witness = this.#witness!;
    const text = `echo ${this.#echoes++}`;
    const ack = witness.utf8(text);
    await witness.takeAck(ack);
    const answer = await witness.take("utf8");
    assert.equal(answer.text, text);
  }

  /** All sessions but the witness's have ended, also those of raw sockets. */
  async allGone(): Promise<void> {
    const witness = this.#witness!.make.sid;
    // Whoever just left a socket has its upgrade before this one in the server's accept queue.
    await this.connect().then((last) => last.socket.terminate());
    const ends = [...this.#ends].filter(([sid]) => sid !== witness).map(([, end]) => end);
    await within(Promise.all(ends), () => new Error(`${this.server.sessions.size} sessions are left`));
  }

  /** Nobody but the witness is left, it is answered, and nothing was thrown. */
  async verify(): Promise<void> {
    await this.verifyEcho();
    assert.deepEqual([...this.server.sessions.keys()], [this.#witness!.make.sid]);
    this.#witness!.check();
    assert.deepEqual(uncaught, []);
  }

  async #stop(): Promise<void> {
    for (const peer of this.#peers) peer.socket.terminate();
    await this.server.Destroy();
    await Promise.all(this.#peers.map((peer) => peer.closed));
    assert.equal(this.server.sessions.size, 0);
    assert.deepEqual(uncaught, []);
    for (const peer of this.#peers) peer.check();
  }
}

function echo(session: Session): void {
  session.on("message-utf8", (text) => {
    settle(session.base.SendUTF8(text));
  });
  session.on("message-binary", (bytes) => {
    settle(session.base.SendBinary(bytes));
  });
}

/** Peers of these tests end in the middle of everything: whether an answer arrived is told by what they received. */
function settle(sent: Promise<boolean>): void {
  sent.then(
    () => {},
    () => {},
  );
}

/** The error with which a promise rejects. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  const { promise: failed, resolve, reject } = deferred<Error>();
  promise.then(
    () => reject(new Error("it was expected to reject")),
    (error: Error) => resolve(error),
  );
  return within(failed, () => new Error("it does not settle"));
}
