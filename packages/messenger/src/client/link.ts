import {
  answerChallenge,
  type Challenge,
  checkChallenge,
  decodeBase64url,
  type Envelope,
  encodeBase64url,
  type Identity,
  MalformedError,
  MessengerError,
  parseServerMessage,
  publicKeyBytes,
  type ServerMessage,
  type WithReq,
} from "../protocol/index.js";
import type { ClientStore } from "./store.js";
import type { ClientSession, ClientWorld } from "./world.js";

/** Where the connection stands. Those in the last line stay until somebody calls `start` again. */
export type LinkState =
  | "connecting"
  | "registering"
  | "online"
  | "waiting"
  | "stopped"
  | "refused"
  | "replaced"
  | "server-changed";

/** What a link tells its owner. */
export interface LinkEvents {
  state(state: LinkState, detail: LinkDetail): void;
  /** In the order in which the server sent them. */
  envelope(envelope: Envelope): void;
}

export interface LinkDetail {
  /** This clock minus the server's, once registered. */
  readonly skewMs?: number;
  /** Why it is not connected. */
  readonly reason?: string;
}

export type Answer = Extract<ServerMessage, { type: "accepted" | "error" | "key" }>;
type Question = { readonly type: "lookup"; readonly publicKeySig: string } | Envelope;

/** How long a server may take to answer, and to register somebody, before the connection is given up. */
const answerMs = 30_000;
const backoffMinMs = 500;
const backoffMaxMs = 15_000;
/** Close codes after which another attempt would end the same way. */
const finalStates: ReadonlyMap<number, LinkState> = new Map([
  [4403, "refused"],
  [4409, "replaced"],
]);

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** The connection to the server: opened, registered, and opened again when it is lost. */
export class Link {
  readonly #world: ClientWorld;
  readonly #identity: Identity;
  readonly #store: ClientStore;
  readonly #events: LinkEvents;
  readonly #questions = new Map<number, Waiting>();
  #state: LinkState = "stopped";
  #session: ClientSession | null = null;
  /** Aborted with the connection: what belongs to an earlier one is not heard any more. */
  #attempt = new AbortController();
  #failures = 0;
  #req = 0;
  #stopWaiting = () => {};

  constructor(world: ClientWorld, identity: Identity, store: ClientStore, events: LinkEvents) {
    this.#world = world;
    this.#identity = identity;
    this.#store = store;
    this.#events = events;
  }

  get state(): LinkState {
    return this.#state;
  }

  get session(): ClientSession | null {
    return this.#state === "online" ? this.#session : null;
  }

  start(): void {
    if (["connecting", "registering", "online"].includes(this.#state)) return;
    this.#stopWaiting();
    void this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopWaiting();
    const session = this.#session;
    this.#end("stopped", {});
    await session?.Close("done");
  }

  /** From now on this server is trusted with another key than before. The user must have agreed. */
  async trustServer(): Promise<void> {
    await this.#store.apply([{ table: "servers", remove: this.#world.origin }]);
  }

  /** Asks the server. Rejects with `OFFLINE` when there is no answer on this connection. */
  ask(question: Question): Promise<Answer> {
    const session = this.session;
    if (session === null) return Promise.reject(offline());
    const req = this.#req++;
    return new Promise((resolve, reject) => {
      // Others wait behind this one: a server that leaves out an answer must not hold them up for ever.
      const stop = this.#world.clock.after(answerMs, () => this.#silent(session));
      this.#questions.set(req, {
        resolve(answer) {
          stop();
          resolve(answer);
        },
        reject(error) {
          stop();
          reject(error);
        },
      });
      session.base.SendUTF8(JSON.stringify({ ...question, req })).catch(() => {
        const question = this.#questions.get(req);
        this.#questions.delete(req);
        question?.reject(offline());
      });
    });
  }

  acknowledge({ id, from }: Envelope): void {
    this.session?.base.SendUTF8(JSON.stringify({ type: "ack", id, from })).catch(() => {});
  }

  async #connect(): Promise<void> {
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    this.#become("connecting", {});
    try {
      const session = await this.#world.connect(signal);
      if (signal.aborted) return void session.Close("done");
      this.#session = session;
      this.#become("registering", {});
      this.#stopWaiting = this.#world.clock.after(answerMs, () => this.#silent(session));
      session.on("message-utf8", (text) => {
        if (!signal.aborted) this.#received(text, session);
      });
      session.on("closed", (code, reason) => {
        if (!signal.aborted) this.#closed(code, reason);
      });
    } catch (error) {
      if (!signal.aborted) this.#closed(1006, error instanceof Error ? error.message : "no connection");
    }
  }

  #received(text: string, session: ClientSession): void {
    let message: WithReq<ServerMessage>;
    try {
      message = parseServerMessage(text);
    } catch (error) {
      // What a server makes up is not worth a connection; what it leaves out shows as a gap.
      if (error instanceof MalformedError) return;
      throw error;
    }
    switch (message.type) {
      case "challenge":
        if (this.#state === "registering") void this.#register(message, session);
        return;
      case "registered":
        if (this.#state !== "registering" || message.publicKeySig !== this.#identity.fingerprint) return;
        this.#failures = 0;
        this.#stopWaiting();
        this.#become("online", { skewMs: message.skewMs });
        return;
      case "accepted":
      case "error":
      case "key":
        this.#answered(message);
        return;
      default: {
        const { req: _, ...envelope } = message;
        if (this.#state === "online") this.#events.envelope(envelope);
      }
    }
  }

  async #register(challenge: Challenge, session: ClientSession): Promise<void> {
    const { origin, clock } = this.#world;
    try {
      const server = await checkChallenge(challenge);
      const g = encodeBase64url(server.bytes.subarray(publicKeyBytes / 2));
      const pinned = await this.#store.get("servers", origin);
      if (pinned !== undefined && (pinned.data as { g: string }).g !== g) {
        this.#end("server-changed", { reason: "the server has another key than before" });
        return void session.Close("another key");
      }
      const response = await answerChallenge(challenge, server, this.#identity, origin, clock.now());
      if (pinned === undefined) await this.#store.apply([{ table: "servers", put: { key: origin, data: { g } } }]);
      await session.base.SendUTF8(JSON.stringify(response));
    } catch (error) {
      if (this.#session !== session) return;
      const reason = error instanceof MessengerError ? error.message : "the connection was lost";
      this.#end("waiting", { reason });
      void session.Close("no registration");
      this.#again();
    }
  }

  #answered(message: WithReq<Answer>): void {
    if (message.req === undefined) return;
    const waiting = this.#questions.get(message.req);
    this.#questions.delete(message.req);
    waiting?.resolve(message);
  }

  /** What was asked on this connection is not answered: perhaps it is on the next. */
  #silent(session: ClientSession): void {
    if (this.#session !== session) return;
    this.#end("waiting", { reason: "the server does not answer" });
    void session.Close("no answer");
    this.#again();
  }

  #closed(code: number, reason: string): void {
    const final = finalStates.get(code);
    this.#end(final ?? "waiting", { reason });
    if (final === undefined) this.#again();
  }

  /** Waits twice as long after each failure, by half at random. */
  #again(): void {
    const ceiling = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures++);
    const share = this.#world.random(1)[0]! / 255;
    this.#stopWaiting = this.#world.clock.after(ceiling * (0.5 + share / 2), () => void this.#connect());
  }

  #end(state: LinkState, detail: LinkDetail): void {
    this.#attempt.abort();
    this.#stopWaiting();
    this.#session = null;
    this.#become(state, detail);
    const questions = [...this.#questions.values()];
    this.#questions.clear();
    for (const { reject } of questions) reject(offline());
  }

  #become(state: LinkState, detail: LinkDetail): void {
    this.#state = state;
    this.#events.state(state, detail);
  }
}

export function offline(): MessengerError {
  return new MessengerError("OFFLINE", "the server cannot be reached now");
}

/** The public key that a server gave for a fingerprint, before its hash was compared. */
export function keyOf(answer: Answer): Uint8Array | null {
  return answer.type === "key" ? decodeBase64url(answer.publicKey) : null;
}
