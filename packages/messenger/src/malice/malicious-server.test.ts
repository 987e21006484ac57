import { createHash } from "node:crypto";
import {
  createChallenge,
  decodeBase64url,
  encodeBase64url,
  generateHpkeKeys,
  type Identity,
  identityOf,
  sealText,
} from "../protocol/index.js";
import { Connection } from "../server/connection.js";
import { Origins } from "../server/origins.js";
import { Relay } from "../server/relay.js";
import { MemoryMessengerStore } from "./memory-messenger-store.test.js";
import { Wire } from "./wire.test.js";
import type { Chance, VirtualClock } from "./world.test.js";

// The server as an attacker: the honest relay, and before it somebody who has all its connections. Contains no test itself.

interface Held {
  readonly wire: Wire;
  readonly up: boolean;
  readonly text: string;
}

type Message = Record<string, unknown> & { readonly type: string };

/** What it may do with a message besides passing it on. */
const tricks = ["drop", "twice", "replay", "reflect", "swap", "forge", "answer", "flip", "mix", "cut"] as const;

export class MaliciousServer {
  honest = false;
  /** Keys of others that a client got as the answer to its question. */
  swapped = 0;
  /** Clients that got the challenge of another server, and its G; null: signed by another than it names. */
  readonly impostures: { readonly owner: string; readonly g: string | null }[] = [];
  readonly done = new Map<string, number>();
  readonly #chance: Chance;
  readonly #clock: VirtualClock;
  readonly #relay: Relay;
  readonly #server: Identity;
  readonly #eve: Identity;
  /** The share of messages that it does something to: another in each run, or nobody would ever link. */
  readonly #hostility: number;
  /** Messages that pass unharmed first, so that some of it happens to who is linked. */
  #quiet: number;
  #held: Held[] = [];
  readonly #log: Held[] = [];
  readonly #wires = new Set<Wire>();
  /** Whom a question that has no answer yet is about. */
  readonly #lookups = new Map<string, string>();
  readonly #seen: (text: string) => void;

  /** @param seen gets whatever the server sees; @param failed hears when the honest part of it fails */
  constructor(
    chance: Chance,
    clock: VirtualClock,
    server: Identity,
    eve: Identity,
    seen: (text: string) => void,
    failed: (error: unknown) => void,
  ) {
    this.#chance = chance;
    this.#clock = clock;
    this.#server = server;
    this.#eve = eve;
    this.#hostility = chance.next() * 0.7;
    this.#quiet = chance.next() < 0.5 ? 0 : chance.below(40);
    this.#seen = seen;
    const world = { clock, random: (bytes: number) => chance.bytes(bytes), failed };
    this.#relay = new Relay(world, new MemoryMessengerStore(), server.g, new Origins([], 80));
  }

  connect(owner: string): Wire {
    const wire = new Wire(owner, {
      up: (from, text) => this.#hold({ wire: from, up: true, text }),
      down: (to, text) => this.#hold({ wire: to, up: false, text }),
    });
    this.#wires.add(wire);
    new Connection(this.#relay, wire.relay, owner);
    wire.connected();
    return wire;
  }

  get busy(): boolean {
    return this.#held.length > 0;
  }

  /** One message goes on, in one way or another. */
  async step(): Promise<void> {
    const held = this.#held.splice(this.honest ? 0 : this.#chance.below(Math.min(3, this.#held.length)), 1)[0];
    if (held === undefined) return;
    if (this.honest || this.#quiet-- > 0 || this.#chance.next() > this.#hostility) this.#deliver(held);
    else await this.#trick(held);
  }

  /** From now on it does what it should, on new connections. */
  reform(): void {
    this.honest = true;
    this.#held = [];
    for (const wire of this.#wires) wire.end(1006, "");
  }

  #hold(held: Held): void {
    this.#seen(held.text);
    this.#held.push(held);
    this.#log.push(held);
    const { type, req, publicKeySig } = parse(held.text);
    if (held.up && type === "lookup") this.#lookups.set(`${this.#number(held.wire)} ${req}`, String(publicKeySig));
  }

  #deliver({ wire, up, text }: Held): void {
    if (up) {
      wire.deliverUp(text);
      return;
    }
    const { type, req, publicKey } = parse(text);
    const question = `${this.#number(wire)} ${req}`;
    const asked = this.#lookups.get(question);
    if (/^(?:key|accepted|error)$/.test(type)) this.#lookups.delete(question);
    if (type === "key" && wire.open && asked !== undefined && hash(String(publicKey)) !== asked) this.swapped++;
    wire.deliverDown(text);
  }

  async #trick(held: Held): Promise<void> {
    const { wire, text } = held;
    const isKey = /"type":"(?:key|challenge)"/.test(text);
    const trick = isKey && this.#chance.next() < 0.3 ? "swap" : this.#chance.pick(tricks);
    this.done.set(trick, (this.done.get(trick) ?? 0) + 1);
    const message = parse(text);
    switch (trick) {
      case "drop":
        return;
      case "twice":
        this.#deliver(held);
        return this.#deliver(held);
      case "replay":
        this.#deliver(held);
        return this.#replay();
      case "reflect":
        this.#deliver({ wire, up: false, text: JSON.stringify({ ...message, from: message.to, to: message.from }) });
        return this.#deliver({ wire, up: false, text });
      case "swap":
        return this.#swap(held, message);
      case "forge":
        this.#deliver(held);
        return this.#forge();
      case "answer":
        return this.#answer(wire, message);
      case "flip":
        return this.#deliver({ ...held, text: JSON.stringify(this.#flipped(message)) });
      case "mix":
        return this.#deliver({ ...held, text: JSON.stringify(this.#mixed(message)) });
      case "cut":
        return wire.end(1006, "");
    }
  }

  /** Something of earlier, on the connections of today. */
  #replay(): void {
    const earlier = this.#chance.pick(this.#log);
    for (const wire of this.#wires) if (wire.open) this.#deliver({ ...earlier, wire });
    const envelopes = this.#log.filter(({ text }) => parse(text).encryptedMessage !== undefined);
    if (envelopes.length === 0) return;
    const { text } = this.#chance.pick(envelopes);
    for (const wire of this.#wires) this.#deliver({ wire, up: false, text });
  }

  /** Eve's key in place of somebody's. */
  async #swap(held: Held, message: Message): Promise<void> {
    const { wire } = held;
    const publicKey = encodeBase64url(this.#eve.publicKey.bytes);
    if (message.type === "challenge") {
      // Eve's own, or with the right G and a signature of Eve's.
      const isNamed = this.#chance.next() < 0.5;
      const g = isNamed ? { ...this.#eve.g, publicKey: this.#server.g.publicKey } : this.#eve.g;
      const server = await identityOf(await generateHpkeKeys(false), g);
      const forged = await createChallenge(server, this.#chance.bytes(32), this.#chance.bytes(16), this.#clock.now());
      const own = isNamed ? null : encodeBase64url(this.#eve.publicKey.bytes.subarray(91));
      if (wire.open) this.impostures.push({ owner: wire.owner, g: own });
      return wire.deliverDown(JSON.stringify(forged));
    }
    this.#deliver({ ...held, text: JSON.stringify({ ...message, publicKey }) });
  }

  /** A message from one to the other that neither wrote: sealed with Eve's key, to a reply key that somebody named. */
  async #forge(): Promise<void> {
    const earlier = this.#log
      .map(({ text }) => parse(text))
      .filter(({ encryptedMessage }) => encryptedMessage !== undefined);
    if (earlier.length === 0) return;
    const { from, to, encryptedMessage } = this.#chance.pick(earlier) as Message & Record<string, string>;
    const addresses = { id: encodeBase64url(this.#chance.bytes(16)), from: from!, to: to! };
    const replyKeyId = decodeBase64url(encryptedMessage!).subarray(1, 9);
    const recipient = { replyKeyId, replyKey: this.#eve.publicKey.k };
    const sealed = await sealText(new Uint8Array(512), addresses, this.#eve.k, recipient, this.#chance.bytes(32));
    const text = JSON.stringify({ type: "msg", ...addresses, encryptedMessage: sealed });
    for (const wire of this.#wires) wire.deliverDown(text);
  }

  /** Answers in place of whom was asked. */
  #answer(wire: Wire, { id, req, publicKeySig }: Message): void {
    const code = this.#chance.pick(["unknown-recipient", "conflict", "rate-limited", "mailbox-full", "bad-request"]);
    const answers = [
      { type: "accepted", id, req },
      { type: "error", code, id, req },
      { type: "registered", registered: true, publicKeySig, skewMs: 0, queued: 0 },
    ];
    this.#deliver({ wire, up: false, text: JSON.stringify(this.#chance.pick(answers)) });
  }

  /** One bit of one of its byte members. */
  #flipped(message: Message): Message {
    const names = Object.keys(message).filter((name) =>
      /^(?:id|from|to|invite|publicKey|encryptedMessage|sig|nonce)$/.test(name),
    );
    if (names.length === 0) return message;
    const name = this.#chance.pick(names);
    const bytes = decodeBase64url(String(message[name]));
    bytes[this.#chance.below(bytes.length)]! ^= 1 << this.#chance.below(8);
    return { ...message, [name]: encodeBase64url(bytes) };
  }

  /** Some members of another message of its kind. */
  #mixed(message: Message): Message {
    const others = this.#log.map(({ text }) => parse(text)).filter(({ type }) => type === message.type);
    const other = this.#chance.pick(others);
    const entries = Object.entries(other).filter(([name]) => name !== "req" && this.#chance.next() < 0.5);
    return { ...message, ...Object.fromEntries(entries) };
  }

  #number(wire: Wire): number {
    return [...this.#wires].indexOf(wire);
  }
}

function hash(publicKey: string): string {
  return createHash("sha256").update(decodeBase64url(publicKey)).digest("base64url");
}

function parse(text: string): Message {
  return JSON.parse(text) as Message;
}
