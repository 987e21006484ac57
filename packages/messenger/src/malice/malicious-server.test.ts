import { createHash } from "node:crypto";
import {
  type AcceptEnvelope,
  decodeBase64url,
  encodeBase64url,
  type Identity,
  parseServerMessage,
  type TextEnvelope,
  type WelcomeEnvelope,
} from "../protocol/index.js";
import { Connection } from "../server/connection.js";
import { Origins } from "../server/origins.js";
import { Relay } from "../server/relay.js";
import { Eve } from "./eve.test.js";
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

/** What it may do with a message besides passing it on, and besides a swap where there is a key. */
const tricks = ["drop", "twice", "replay", "reflect", "forge", "answer", "flip", "mix", "cut"] as const;

/**
 * Where it puts Eve's key in place of another: the server's own, the answer to a question for a key, the guest's, an invitation that Eve
 * answers herself, and the inviter's answer, or its refusal.
 */
export const swapPlaces = ["challenge", "lookup", "accept", "invitation", "welcome", "refusal"] as const;
type SwapPlace = (typeof swapPlaces)[number];

/** A false accept, welcome or refusal that somebody got. */
export interface Swap {
  readonly place: SwapPlace;
  readonly to: string;
  readonly invite: string;
}

export class MaliciousServer {
  honest = false;
  /** Keys of others that a client got as the answer to its question. */
  swapped = 0;
  /** Clients that got the challenge of another server, and its G; null: signed by another than it names. */
  readonly impostures: { readonly owner: string; readonly g: string | null }[] = [];
  /** Since the simulation looked last. */
  readonly swaps: Swap[] = [];
  readonly done = new Map<string, number>();
  readonly #chance: Chance;
  readonly #relay: Relay;
  readonly #server: Identity;
  readonly #eve: Eve;
  readonly #store = new MemoryMessengerStore();
  /** The share of messages that it does something to: another in each run, or nobody would ever link. */
  readonly #hostility: number;
  /** The kind of message that it is after in this run, and swaps the key of wherever it can. */
  readonly #prey: string;
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
    this.#server = server;
    this.#eve = new Eve(eve, chance, clock);
    this.#hostility = chance.next() * 0.7;
    this.#prey = chance.pick(["key", "accept", "welcome", "nothing"]);
    this.#quiet = chance.next() < 0.5 ? 0 : chance.below(40);
    this.#seen = seen;
    const world = { clock, random: (bytes: number) => chance.bytes(bytes), failed, record: () => {} };
    this.#relay = new Relay(world, this.#store, server.g, new Origins([], 80));
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
    if (this.honest) return this.#deliver(held);
    const message = parse(held.text);
    if (message.type === this.#prey && this.#chance.next() < 0.6) return this.#swap(held, message);
    if (this.#quiet-- > 0 || this.#chance.next() > this.#hostility) this.#deliver(held);
    else await this.#trick(held, message);
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
    if (isAnswer(text)) this.#lookups.delete(question);
    if (type === "key" && wire.open && asked !== undefined && hash(String(publicKey)) !== asked) this.swapped++;
    wire.deliverDown(text);
  }

  async #trick(held: Held, message: Message): Promise<void> {
    const { wire, text } = held;
    const hasKey = /^(?:key|challenge|accept|welcome)$/.test(message.type);
    if (hasKey && this.#chance.next() < 0.5) return this.#swap(held, message);
    const trick = this.#chance.pick(tricks);
    this.#count(trick);
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
    const { type, id, req } = message;
    if (type === "challenge") return this.#swapChallenge(wire);
    if (type === "key") {
      this.#count("swap: lookup");
      return this.#deliver({ ...held, text: JSON.stringify({ ...message, publicKey: this.#eve.publicKey }) });
    }
    if (type === "accept") await this.#swapAccept(message as Message & AcceptEnvelope);
    else await this.#swapWelcome(message as Message & WelcomeEnvelope);
    // The true one is gone for good if its sender believes that the server has it.
    if (held.up && this.#chance.next() < 0.5) wire.deliverDown(JSON.stringify({ type: "accepted", id, req }));
  }

  /** Eve's own, or with the right G and a signature of Eve's. */
  async #swapChallenge(wire: Wire): Promise<void> {
    this.#count("swap: challenge");
    const isNamed = this.#chance.next() < 0.5;
    const forged = await this.#eve.challenge(isNamed ? this.#server : null);
    if (wire.open) this.impostures.push({ owner: wire.owner, g: isNamed ? null : this.#eve.g });
    wire.deliverDown(JSON.stringify(forged));
  }

  async #swapAccept(accept: Message & AcceptEnvelope): Promise<void> {
    const inviterKey = await this.#store.publicKey(accept.to);
    if (inviterKey === null || this.#chance.next() < 0.5) {
      return this.#toEverybody("accept", { ...accept, publicKey: this.#eve.publicKey });
    }
    this.#toEverybody("invitation", await this.#eve.accept(accept, inviterKey));
  }

  async #swapWelcome(welcome: Message & WelcomeEnvelope): Promise<void> {
    const accepts = this.#log
      .map(({ text }) => parse(text))
      .filter(({ type, from }) => {
        return type === "accept" && from === welcome.to;
      });
    const answered = accepts.at(-1) as (Message & AcceptEnvelope) | undefined;
    const guestKey = await this.#store.publicKey(welcome.to);
    if (answered === undefined || guestKey === null) return;
    if (this.#chance.next() < 0.5) this.#toEverybody("refusal", await this.#eve.refusal(welcome, answered, guestKey));
    else this.#toEverybody("welcome", await this.#eve.welcome(welcome, answered));
  }

  #toEverybody(place: SwapPlace, envelope: AcceptEnvelope | WelcomeEnvelope): void {
    this.#count(`swap: ${place}`);
    this.swaps.push({ place, to: envelope.to, invite: envelope.invite });
    for (const wire of this.#wires) wire.deliverDown(JSON.stringify(envelope));
  }

  #count(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1);
  }

  async #forge(): Promise<void> {
    const earlier = this.#log.map(({ text }) => parse(text)).filter(({ encryptedMessage }) => encryptedMessage);
    if (earlier.length === 0) return;
    const envelope = this.#chance.pick(earlier) as Message & TextEnvelope;
    const forged = JSON.stringify(await this.#eve.message(envelope, envelope.encryptedMessage));
    for (const wire of this.#wires) wire.deliverDown(forged);
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

/** Whether a client takes this for an answer: what is malformed it does not hear. */
function isAnswer(text: string): boolean {
  try {
    return ["key", "accepted", "error"].includes(parseServerMessage(text).type);
  } catch {
    return false;
  }
}

function hash(publicKey: string): string {
  return createHash("sha256").update(decodeBase64url(publicKey)).digest("base64url");
}

function parse(text: string): Message {
  return JSON.parse(text) as Message;
}
