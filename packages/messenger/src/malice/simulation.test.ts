import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { MemoryStore, type MessageRecord, Messenger } from "../client/index.js";
import { encodeBase64url, type Identity, identityOf, importHpkeKeys, importSigningKeys } from "../protocol/index.js";
import { MaliciousServer } from "./malicious-server.test.js";
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
  /** What must not happen and did. */
  readonly broken: string[] = [];
  peer: Player | null = null;

  constructor(messenger: Messenger, store: MemoryStore) {
    this.messenger = messenger;
    this.store = store;
    messenger.on("failed", (error) => this.broken.push(`something failed: ${error}`));
    messenger.on("warning", (what) => this.warnings.push(what));
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

export class Simulation {
  readonly server: MaliciousServer;
  readonly #chance: Chance;
  readonly #clock = new VirtualClock();
  readonly #players: Player[] = [];
  readonly #broken: string[] = [];
  #texts = 0;

  private constructor(chance: Chance, server: Identity, eve: Identity) {
    this.#chance = chance;
    const seen = (text: string) => {
      if (isReadable(text)) this.#broken.push("the server reads a text");
    };
    const failed = (error: unknown) => this.#broken.push(`the relay failed: ${error}`);
    this.server = new MaliciousServer(chance, this.#clock, server, eve, seen, failed);
  }

  /** @throws whatever invariant does not hold */
  static async run(seed: number): Promise<ReadonlyMap<string, number>> {
    const simulation = new Simulation(new Chance(seed), await identity("server"), await identity("eve"));
    for (const name of ["alice", "bob"]) await simulation.#join(name);
    const [alice, bob] = simulation.#players as [Player, Player];
    [alice.peer, bob.peer] = [bob, alice];
    await simulation.#link(alice, bob);
    for (let step = 0; step < 90; step++) await simulation.#malice(alice, bob);
    await simulation.#honesty(alice, bob);
    for (const { messenger } of simulation.#players) await messenger.close();
    return simulation.server.done;
  }

  async #join(name: string): Promise<void> {
    const [store, { k, g }] = [new MemoryStore(), await identity(name)];
    await store.apply([{ table: "self", put: { key: "identity", data: { name }, keys: { k, g } } }]);
    const world = {
      ...{ origin, clock: this.#clock, random: (bytes: number) => this.#chance.bytes(bytes) },
      connect: async () => this.server.connect(name).client,
    };
    const player = new Player(await Messenger.open({ store, world }), store);
    this.#players.push(player);
    player.messenger.start();
    await settled();
  }

  async #link(inviter: Player, guest: Player): Promise<void> {
    const { link } = await inviter.messenger.invite("https://chat.example/");
    if (["refused", "mismatch"].includes(guest.contact?.state ?? "")) {
      await guest.messenger.dismiss(inviter.messenger.fingerprint);
    }
    await guest.messenger.accept(link);
    await settled();
  }

  /** Somebody does something, or time passes, and the server does its worst. */
  async #malice(alice: Player, bob: Player): Promise<void> {
    const { server } = this;
    const player = this.#chance.pick(this.#players);
    const deed = this.#chance.next();
    if (deed < 0.2 && player.isLinked) await player.say(`${marker} ${this.#texts++}`);
    else if (deed < 0.25 && player.isLinked) {
      await player.messenger.markRead(player.peer!.messenger.fingerprint, { tell: true });
    } else if (deed < 0.3) player.messenger.start();
    else if (deed < 0.35 && ["refused", "mismatch"].includes(bob.contact?.state ?? "")) await this.#link(alice, bob);
    else if (deed < 0.45) this.#clock.step(this.#clock.now() + this.#chance.below(3000));
    else await this.#serve();
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
    await this.server.step();
    await settled();
    for (const { owner, g } of impostures.splice(0)) {
      const player = this.#players.find(({ messenger }) => messenger.name === owner)!;
      // Whom nobody has told of a server yet takes the first one for it.
      if (before.get(player) !== "registering" || (g !== null && (known.get(player) ?? g) === g)) continue;
      assert.ok(!["registering", "online"].includes(player.messenger.state), "a false challenge is answered");
    }
  }

  #holds({ contact, peer, messenger, broken }: Player): void {
    assert.deepEqual([...this.#broken, ...broken], []);
    const others = messenger.contacts.filter(({ fingerprint }) => fingerprint !== peer!.messenger.fingerprint);
    assert.deepEqual(others, [], "a stranger is a contact");
    if (contact === undefined) return;
    assert.ok(!contact.cloned, "the server passes for a clone");
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
    if (!(alice.isLinked && bob.isLinked)) await this.#link(alice, bob);
    await this.#calm();
    assert.ok(alice.isLinked && bob.isLinked, `locked out: ${alice.contact?.state}, ${bob.contact?.state}`);
    assert.equal(alice.contact!.pairPsk, bob.contact!.pairPsk, "they have no key in common");
    for (const player of [alice, bob]) await player.say(`${marker}, at last, ${player.messenger.name}`);
    await this.#calm();
    for (const player of [alice, bob]) {
      this.#holds(player);
      this.#isComplete(player);
    }
  }

  #isComplete({ sent, contact, peer }: Player): void {
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
