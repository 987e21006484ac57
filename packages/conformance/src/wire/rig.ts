import assert from "node:assert/strict";
import { within } from "./patience.js";
import type { RawFrame, RawPeer } from "./raw-peer.js";

export const token = "a-token-that-must-not-leak";

/** Uncaught exceptions and unhandled rejections of this process; nothing that a peer does may add to it. */
export const uncaught: string[] = [];
process.on("uncaughtExceptionMonitor", (error, origin) => uncaught.push(`${origin}: ${String(error)}`));

type ClosedListener = (code: number, reason: string) => void;

/** What the sessions of all dialects have in common. */
export interface RiggedSession {
  readonly id: bigint | string;
  once(event: "closed", listener: ClosedListener): unknown;
}

/** What the servers of all dialects have in common. */
export interface RiggedServer<Session extends RiggedSession> {
  readonly port: number;
  readonly sessions: ReadonlyMap<Session["id"], Session>;
  on(event: "session", listener: (session: Session) => void): unknown;
  Destroy(): Promise<void>;
}

/** A server of ours that echoes, and raw peers that talk to it. One of them is the witness: it must never suffer. */
export abstract class Rig<
  Session extends RiggedSession,
  Server extends RiggedServer<Session>,
  Peer extends RawPeer<RawFrame>,
  Options,
> {
  readonly server: Server;
  readonly #peers: Peer[] = [];
  readonly #ends = new Map<Session["id"], Promise<[code: number, reason: string]>>();
  readonly #sessions = new Map<Session["id"], Session>();
  #witness: Peer | null = null;
  #echoes = 0;

  constructor(server: Server, onSession: (session: Session) => void) {
    this.server = server;
    server.on("session", (session) => {
      this.#sessions.set(session.id, session);
      this.#ends.set(session.id, whenClosed(session));
      onSession(session);
    });
  }

  /** Opens a connection as a deployed client does: everything in the query, no subprotocol. */
  protected abstract dial(options: Options): Peer;
  /** Under which id a peer asked for its session. */
  protected abstract idOf(peer: Peer): Session["id"];
  /** Waits until the peer may send. */
  protected abstract introduced(peer: Peer): Promise<unknown>;

  get port(): number {
    return this.server.port;
  }

  open(options: Options = {} as Options): Peer {
    const peer = this.dial(options);
    this.#peers.push(peer);
    return peer;
  }

  async connect(options: Options = {} as Options): Promise<Peer> {
    const peer = this.open(options);
    await this.introduced(peer);
    return peer;
  }

  /** The server's end of a peer's session, also after it ended. */
  sessionOf(peer: Peer): Session {
    const session = this.#sessions.get(this.idOf(peer));
    assert.ok(session, "the peer was never admitted");
    return session;
  }

  /** The session of a raw socket whose upgrade was answered. */
  admittedAs(id: Session["id"]): Session {
    const session = this.server.sessions.get(id);
    assert.ok(session, "no such session");
    return session;
  }

  /** Code and reason with which the server's end of the session was closed. */
  endOf(peer: Peer): Promise<[code: number, reason: string]> {
    return within(this.closingOf(peer), () => new Error("the server's end of the session does not close"));
  }

  /** The same for tests that may end before their session does. */
  closingOf(peer: Peer): Promise<[code: number, reason: string]> {
    return this.#ends.get(this.idOf(peer))!;
  }

  /** Lets a well-behaved peer in, before anybody misbehaves. */
  async invite(): Promise<Peer> {
    this.#witness = await this.connect();
    await this.verifyEcho();
    return this.#witness;
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
    const witness = this.idOf(this.#witness!);
    // Whoever just left a socket has its upgrade before this one in the server's accept queue.
    await this.connect().then((last) => last.socket.terminate());
    const ends = [...this.#ends].filter(([id]) => id !== witness).map(([, end]) => end);
    await within(Promise.all(ends), () => new Error(`${this.server.sessions.size} sessions are left`));
  }

  /** Nobody but the witness is left, it is answered, and nothing was thrown. */
  async verify(): Promise<void> {
    await this.verifyEcho();
    assert.deepEqual([...this.server.sessions.keys()], [this.idOf(this.#witness!)]);
    this.#witness!.check();
    assert.deepEqual(uncaught, []);
  }

  /** Ends everything, and nothing of it is left. */
  protected async stop(): Promise<void> {
    for (const peer of this.#peers) peer.socket.terminate();
    await this.server.Destroy();
    await Promise.all(this.#peers.map((peer) => peer.closed));
    assert.equal(this.server.sessions.size, 0);
    assert.deepEqual(uncaught, []);
    for (const peer of this.#peers) peer.check();
  }
}

/** Code and reason with which a session ends, soon. */
export function closing(session: RiggedSession): Promise<[code: number, reason: string]> {
  return within(whenClosed(session), () => new Error("the session does not close"));
}

/** The same for tests that may end before the session does. */
export function whenClosed(session: RiggedSession): Promise<[code: number, reason: string]> {
  // Not `once` of node:events, which an `error` of the session would end.
  return new Promise((resolve) => {
    session.once("closed", (code, reason) => resolve([code, reason]));
  });
}

/** Peers of these tests end in the middle of everything: whether an answer arrived is told by what they received. */
export function settle(sent: Promise<boolean>): void {
  sent.then(
    () => {},
    () => {},
  );
}
