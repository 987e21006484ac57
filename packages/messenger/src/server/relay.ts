import type { WebKeyPair } from "../protocol/index.js";
import {
  type Envelope,
  type ErrorCode,
  isTooLarge,
  MalformedError,
  parseClientMessage,
  type Random,
  rateBurst,
  ratePerSecond,
  reqOf,
  TokenBucket,
} from "../protocol/index.js";
import { type Connection, refusedCode, replacedCode } from "./connection.js";
import { relayFile } from "./file-relay.js";
import type { Origins } from "./origins.js";
import { Refusals } from "./refusals.js";
import type { MessengerStore } from "./store.js";
import type { RelayClock } from "./world.js";

/** What a relay needs of the world. */
export interface RelayWorld {
  readonly clock: RelayClock;
  readonly random: Random;
  /** Told of what goes wrong here, and never of what a client did. */
  failed(error: unknown): void;
  /** Told of every change of state, with the row of a state tree that it belongs to. */
  record(row: string, message: Readonly<Record<string, unknown>>): void;
}

/** Rate limits of identities that were not seen for a while are forgotten; they would be full again. */
const bucketsMax = 10_000;

/** Hands sealed envelopes from one registered client to another, and keeps them until they are acknowledged. */
export class Relay {
  readonly world: RelayWorld;
  readonly store: MessengerStore;
  readonly serverKeys: WebKeyPair;
  readonly origins: Origins;
  readonly refusals = new Refusals();
  readonly #connections = new Map<string, Connection>();
  readonly #buckets = new Map<string, TokenBucket>();
  #rows = 0;

  /** @param serverKeys the server's own G */
  constructor(world: RelayWorld, store: MessengerStore, serverKeys: WebKeyPair, origins: Origins) {
    this.world = world;
    this.store = store;
    this.serverKeys = serverKeys;
    this.origins = origins;
  }

  /** The row of the next connection in a state tree. */
  nextRow(): string {
    return `connection ${++this.#rows}`;
  }

  /** A connection has registered; one that the same identity had before ends. */
  joined(connection: Connection, fingerprint: string): void {
    const before = this.#connections.get(fingerprint);
    this.#connections.set(fingerprint, connection);
    before?.close(replacedCode, "replaced");
  }

  left(connection: Connection, fingerprint: string): void {
    if (this.#connections.get(fingerprint) === connection) this.#connections.delete(fingerprint);
  }

  failed(error: unknown): void {
    this.world.failed(error);
  }

  /** A message of who is registered. What is wrong with it is answered, and the session goes on. */
  received(connection: Connection, sender: string, text: string): void {
    if (isTooLarge(text)) {
      this.#refuse(connection, sender, { code: "too-large" });
      return;
    }
    let message: ReturnType<typeof parseClientMessage>;
    try {
      message = parseClientMessage(text);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      const req = reqOf(text);
      this.#refuse(connection, sender, { code: "bad-request", ...(req !== undefined && { req }) });
      return;
    }
    const { req, ...bare } = message;
    const answering = req === undefined ? {} : { req };
    switch (bare.type) {
      case "response":
        // One response a connection, whatever came of it.
        connection.close(refusedCode, "registration refused");
        return;
      case "ack":
        connection.record({ acknowledged: bare.id, from: bare.from });
        this.#guard(connection.delivery?.acknowledged(bare.from, bare.id));
        return;
      case "lookup":
        if (this.#takesOne(connection, sender, answering)) this.#lookup(connection, bare.publicKeySig, answering);
        return;
      default:
        this.#envelope(connection, sender, bare, answering);
    }
  }

  /** A client streams a file to another, which must be on line. */
  file(connection: Connection, name: string, size: bigint | null): Promise<void> {
    return relayFile(connection, name, size, (fingerprint) => this.#connections.get(fingerprint));
  }

  /** Ends every connection; clients come back when the server does. */
  close(): void {
    for (const connection of [...this.#connections.values()]) connection.close(4100, "the server shuts down");
  }

  #lookup(connection: Connection, publicKeySig: string, answering: { req?: number }): void {
    const answer = this.store.publicKey(publicKeySig).then((publicKey) => {
      if (publicKey === null) connection.send({ type: "error", code: "unknown-recipient", ...answering });
      else connection.send({ type: "key", publicKeySig, publicKey, ...answering });
    });
    this.#guard(answer);
  }

  async #accept(connection: Connection, envelope: Envelope, answering: { req?: number }): Promise<void> {
    const { type, id, to } = envelope;
    try {
      const acceptance = await this.store.accept(envelope, this.world.clock.now());
      if (acceptance === "accepted" || acceptance === "again") connection.send({ type: "accepted", id, ...answering });
      else connection.send({ type: "error", code: acceptance, id, ...answering });
      if (acceptance !== "accepted") return;
      connection.record({ accepted: id, type, to });
      this.#connections.get(to)?.delivery?.wake();
    } catch (error) {
      connection.send({ type: "error", code: "unavailable", id, ...answering });
      this.failed(error);
    }
  }

  #envelope(connection: Connection, sender: string, envelope: Envelope, answering: { req?: number }): void {
    const { id } = envelope;
    if (!this.#takesOne(connection, sender, { ...answering, id })) return;
    if (envelope.from !== sender || envelope.to === sender) {
      connection.send({ type: "error", code: "bad-request", id, ...answering });
    } else this.#guard(this.#accept(connection, envelope, answering));
  }

  /** Counts what is refused as well, or a flood of nonsense would be free. */
  #refuse(connection: Connection, sender: string, error: { readonly code: ErrorCode; readonly req?: number }): void {
    const { code, ...answering } = error;
    if (this.#takesOne(connection, sender, answering)) connection.send({ type: "error", code, ...answering });
  }

  #takesOne(connection: Connection, sender: string, answering: { req?: number; id?: string }): boolean {
    const now = this.world.clock.monotonicMs();
    let bucket = this.#buckets.get(sender);
    if (bucket === undefined) {
      if (this.#buckets.size >= bucketsMax) this.#forgetFullBuckets(now);
      bucket = new TokenBucket(ratePerSecond, rateBurst, now);
      this.#buckets.set(sender, bucket);
    }
    if (bucket.take(now)) return true;
    connection.send({ type: "error", code: "rate-limited", ...answering });
    return false;
  }

  #forgetFullBuckets(now: number): void {
    for (const [sender, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(sender);
  }

  #guard(work: Promise<void> | undefined): void {
    work?.catch((error: unknown) => this.failed(error));
  }
}
