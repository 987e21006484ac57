import assert from "node:assert/strict";
import { createECDH, createHash } from "node:crypto";
import { MemoryStore, type MessageRecord, Messenger } from "../client/index.js";
import { encodeBase64url, type Identity, identityOf, importHpkeKeys, importSigningKeys } from "../protocol/index.js";
import { MaliciousServer } from "./malicious-server.test.js";
import { seedKeys } from "./one-thread-crypto.test.js";
import { Chance, namedBytes, settled, VirtualClock } from "./world.test.js";

// Two people and a server that wants to harm them; what must hold whatever it does. Contains no test itself.

const origin = "ws://localhost";
const marker = "nobody else reads this";
const hourMs = 3_600_000;

interface Sent {
  readonly record: MessageRecord;
  /** Of which link of the two it is. */
  readonly pairPsk: string;
}

class Player {
  readonly messenger: Messenger;
  readonly store: MemoryStore;
  readonly sent = new Map<string, Sent>();
  readonly shown: string[] = [];
  readonly warnings: string[] = [];
  /** How often it noticed that something was not for it, not from whom it said, or too late. */
  alarms = 0;
  readonly publicKey: string;
  /** What must not happen and did. */
  readonly broken: string[] = [];
  peer: Player | null = null;

  constructor(messenger: Messenger, store: MemoryStore, publicKey: string) {
    this.messenger = messenger;
    this.store = store;
    this.publicKey = publicKey;
    messenger.on("failed", (error) => this.broken.push(`something failed: ${error}`));
    messenger.on("warning", (what) => {
      this.warnings.push(what);
      this.alarms++;
    });
    messenger.on("invite", (_invite, outcome) => {
      if (outcome === "refused") this.alarms++;
    });
    messenger.on("message", ({ direction, text, contact }) => {
      if (direction === "out") return;
      if (contact !== this.peer!.messenger.fingerprint) this.broken.push("a message of a stranger is shown");
      if (!this.peer!.sent.has(text)) this.broken.push("a text that nobody wrote is shown");
      if (this.shown.includes(text)) this.broken.push("a text is shown twice");
      this.shown.push(text);
    });
  }

  get contact() {
    return this.messenger.contact(this.peer!.messenger.fingerprint);
  }

  get isLinked(): boolean {
    return this.contact?.state === "linked" || this.contact?.state === "verified";
  }

  async say(text: string): Promise<void> {
    // Noted before: it may be shown before the sending is over.
    this.sent.set(text, undefined as never);
    const record = await this.messenger.send(this.peer!.messenger.fingerprint, text);
    this.sent.set(text, { record, pairPsk: this.contact!.pairPsk });
  }
}

async function identity(name: string): Promise<Identity> {
  const keyOf = (half: string) => {
    const ecdh = createECDH("prime256v1");
    const secret = namedBytes(`${name} ${half}`);
    ecdh.setPrivateKey(secret);
    const point = ecdh.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(encodeBase64url) as [string, string];
    return { kty: "EC", crv: "P-256", x, y, d: encodeBase64url(secret) };
  };
  return identityOf(await importHpkeKeys(keyOf("k"), true), await importSigningKeys(keyOf("g"), true));
}

/** What came of a run. */
export interface Run {
  /** How often each trick was played. */
  readonly done: ReadonlyMap<string, number>;
  /** A hash of everything that the server saw, but for signatures, which are never the same. */
  readonly trace: string;
}

export class Simulation {
  readonly server: MaliciousServer;
  readonly #chance: Chance;
  readonly #clock = new VirtualClock();
  readonly #players: Player[] = [];
  readonly #broken: string[] = [];
  readonly #trace = createHash("sha256");
  #texts = 0;
  /** That of the last invitation. */
  #link = "";

  private constructor(chance: Chance, server: Identity, eve: Identity) {
    this.#chance = chance;
    const seen = (text: string) => {
      this.#trace.update(text.replace(/"sig(?:nature)?":"[^"]*"/, ""));
      if (isReadable(text)) this.#broken.push("the server reads a text");
    };
    const failed = (error: unknown) => this.#broken.push(`the relay failed: ${error}`);
    this.server = new MaliciousServer(chance, this.#clock, server, eve, seen, failed);
  }

  /** @throws whatever invariant does not hold */
  static async run(seed: number): Promise<Run> {
    seedKeys(seed);
    const simulation = new Simulation(new Chance(seed), await identity("server"), await identity("eve"));
    for (const name of ["alice", "bob"]) await simulation.#join(name);
    const [alice, bob] = simulation.#players as [Player, Player];
    [alice.peer, bob.peer] = [bob, alice];
    await simulation.#invite(alice, bob);
    for (let step = 0; step < 60; step++) await simulation.#malice(alice, bob);
    await simulation.#honesty(alice, bob);
    for (const { messenger } of simulation.#players) await messenger.close();
    return { done: simulation.server.done, trace: simulation.#trace.digest("base64url") };
  }

  async #join(name: string): Promise<void> {
    const [store, { k, g, publicKey }] = [new MemoryStore(), await identity(name)];
    await store.apply([{ table: "self", put: { key: "identity", data: { name }, keys: { k, g } } }]);
    const world = {
      ...{ origin, clock: this.#clock, random: (bytes: number) => this.#chance.bytes(bytes) },
      connect: async () => this.server.connect(name).client,
    };
    const messenger = await Messenger.open({ store, world });
    const player = new Player(messenger, store, encodeBase64url(publicKey.bytes));
    this.#players.push(player);
    player.messenger.start();
    await settled();
  }

  async #invite(inviter: Player, guest: Player): Promise<void> {
    const { link } = await inviter.messenger.invite("https://chat.example/");
    if (["refused", "mismatch"].includes(guest.contact?.state ?? "")) {
      await guest.messenger.dismiss(inviter.messenger.fingerprint);
    }
    await guest.messenger.accept(link);
    this.#link = link;
    await settled();
  }

  /** Whoever waits for an answer accepts the link once more, or forgets it and gets another. */
  async #insist(inviter: Player, guest: Player): Promise<void> {
    if (this.#chance.next() < 0.5) return void (await guest.messenger.accept(this.#link));
    await guest.messenger.dismiss(inviter.messenger.fingerprint);
    await this.#invite(inviter, guest);
  }

  /** Somebody does something, or time passes, and the server does its worst. */
  async #malice(alice: Player, bob: Player): Promise<void> {
    const { server } = this;
    const player = this.#chance.pick(this.#players);
    const deed = this.#chance.next();
    if (server.busy && this.#chance.next() < 0.7) await this.#serve();
    else if (["refused", "mismatch"].includes(bob.contact?.state ?? "")) await this.#invite(alice, bob);
    else if (deed < 0.1 && bob.contact?.state === "invited") await this.#insist(alice, bob);
    else if (deed < 0.5 && player.isLinked) await player.say(`${marker} ${this.#texts++}`);
    else if (deed < 0.6 && player.isLinked) {
      await player.messenger.markRead(player.peer!.messenger.fingerprint, { tell: true });
    } else if (deed < 0.7) player.messenger.start();
    else this.#clock.step(this.#clock.now() + this.#chance.below(3000));
    await settled();
    for (const each of [alice, bob]) this.#holds(each);
    assert.equal(bob.warnings.filter((what) => what === "key-mismatch").length, server.swapped, "a swapped key passed");
  }

  async #serve(): Promise<void> {
    const { impostures } = this.server;
    const known = new Map<Player, string | undefined>();
    for (const player of this.#players) {
      const row = await player.store.get("servers", origin);
      known.set(player, (row?.data as { g: string } | undefined)?.g);
    }
    const before = new Map(this.#players.map((player) => [player, player.messenger.state]));
    const looks = this.#players.map((player) => this.#lookAt(player));
    await this.server.step();
    await settled();
    for (const look of looks) look();
    this.server.swaps.length = 0;
    for (const { owner, g } of impostures.splice(0)) {
      const player = this.#players.find(({ messenger }) => messenger.name === owner)!;
      // Whom nobody has told of a server yet takes the first one for it.
      if (before.get(player) !== "registering" || (g !== null && (known.get(player) ?? g) === g)) continue;
      assert.ok(!["registering", "online"].includes(player.messenger.state), "a false challenge is answered");
    }
  }

  /** Remembers how things stand with somebody: who is handed a false accept, welcome or refusal in this step notices it. */
  #lookAt(player: Player): () => void {
    const { messenger, contact, alarms } = player;
    if (messenger.state !== "online") return () => {};
    const pending = contact?.state === "invited" ? contact.pending?.accept : null;
    return () => {
      const swaps = this.server.swaps.filter(({ place, to, invite }) => {
        const isAnswer = place === "welcome" || place === "refusal";
        // An answer that nobody waits for says nothing.
        return to === messenger.fingerprint && (!isAnswer || pending?.invite === invite);
      });
      assert.ok(player.alarms >= alarms + swaps.length, `a false ${swaps[0]?.place} is not noticed`);
    };
  }

  #holds({ contact, peer, messenger, broken }: Player): void {
    assert.deepEqual([...this.#broken, ...broken], []);
    const others = messenger.contacts.filter(({ fingerprint }) => fingerprint !== peer!.messenger.fingerprint);
    assert.deepEqual(others, [], "a stranger is a contact");
    if (contact === undefined) return;
    assert.ok(!contact.cloned, "the server passes for a clone");
    assert.ok(["", peer!.publicKey].includes(contact.publicKey), "somebody else's key is taken for the contact's");
    if (contact.pairPsk === "" || peer!.contact?.pairPsk === "") return;
    assert.equal(contact.name, peer!.messenger.name);
  }

  /** The server becomes honest: the two can talk again, and know what they lost. */
  async #honesty(alice: Player, bob: Player): Promise<void> {
    this.server.reform();
    await this.#calm();
    for (const { messenger } of this.#players) messenger.start();
    await this.#calm();
    // Who saw the malicious one first is asked, and agrees to the honest one.
    const asked = this.#players.filter(({ messenger }) => messenger.state === "server-changed");
    for (const { messenger } of asked) await messenger.trustServer();
    await this.#calm();
    for (const { messenger } of this.#players) assert.equal(messenger.state, "online", "who was attacked stays out");
    // As people would: when it has come to nothing, they make another link.
    if (!(alice.isLinked && bob.isLinked)) await this.#invite(alice, bob);
    await this.#calm();
    assert.ok(alice.isLinked && bob.isLinked, `locked out: ${alice.contact?.state}, ${bob.contact?.state}`);
    assert.equal(alice.contact!.pairPsk, bob.contact!.pairPsk, "they have no key in common");
    for (const player of [alice, bob]) await player.say(`${marker}, at last, ${player.messenger.name}`);
    await this.#calm();
    for (const player of [alice, bob]) {
      this.#holds(player);
      await this.#isComplete(player);
    }
  }

  async #isComplete({ messenger, sent, shown, contact, peer }: Player): Promise<void> {
    const history = await messenger.history(contact!.fingerprint, { limit: 1000 });
    const texts = history.map(({ text }) => text).sort();
    assert.deepEqual(texts, [...sent.keys(), ...shown].sort(), "the history is not what was written and shown");
    for (const [text, { record, pairPsk }] of sent) {
      if (peer!.shown.includes(text) || pairPsk !== contact!.pairPsk) continue;
      assert.ok(!text.includes("at last"), "what is written to an honest server does not arrive");
      const isGap = peer!.contact!.gaps.some(({ n }) => n === record.n);
      assert.ok(isGap, `message ${record.n} is lost and nobody is told`);
    }
  }

  /** Time passes until nothing is under way. */
  async #calm(): Promise<void> {
    const end = this.#clock.now() + hourMs / 30;
    await settled();
    for (;;) {
      while (this.server.busy) {
        await this.server.step();
        await settled();
      }
      const goesOn = this.#clock.step(end);
      await settled();
      if (!goesOn && !this.server.busy) return;
    }
  }
}

/** Whether this says what was written, in the clear or as base64url. */
function isReadable(text: string): boolean {
  const values = [...text.matchAll(/[\w-]{24,}/g)].map(([value]) => Buffer.from(value, "base64url"));
  return text.includes(marker) || values.some((value) => value.includes(marker));
}
