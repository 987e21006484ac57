import {
  type AcceptEnvelope,
  type Addresses,
  type Challenge,
  createChallenge,
  decodeBase64url,
  encodeBase64url,
  exportPoint,
  generateHpkeKeys,
  type Identity,
  idBytes,
  identityOf,
  parsePublicKey,
  publicKeyBytes,
  replyKeyIdBytes,
  sealAccept,
  sealRefusal,
  sealText,
  sealWelcome,
  type TextEnvelope,
  type WelcomeEnvelope,
} from "../protocol/index.js";
import type { Chance, VirtualClock } from "./world.test.js";

/** What the server makes up with keys of its own, in the name of Eve or of others. Contains no test itself. */
export class Eve {
  readonly identity: Identity;
  readonly publicKey: string;
  /** The half that signs. */
  readonly g: string;
  readonly #chance: Chance;
  readonly #clock: VirtualClock;

  constructor(identity: Identity, chance: Chance, clock: VirtualClock) {
    this.identity = identity;
    this.publicKey = encodeBase64url(identity.publicKey.bytes);
    this.g = encodeBase64url(identity.publicKey.bytes.subarray(publicKeyBytes / 2));
    this.#chance = chance;
    this.#clock = clock;
  }

  /** @param named whose G it names, although Eve signs it; null: her own */
  async challenge(named: Identity | null): Promise<Challenge> {
    const { g } = this.identity;
    const signer = named === null ? g : { ...g, publicKey: named.g.publicKey };
    const server = await identityOf(await generateHpkeKeys(false), signer);
    return createChallenge(server, this.#chance.bytes(32), this.#chance.bytes(16), this.#clock.now());
  }

  /** Answers the invitation in the guest's place; what she lacks is the secret of the link. */
  async accept({ to, invite }: AcceptEnvelope, inviterKey: string): Promise<AcceptEnvelope> {
    const addresses = this.#addresses(this.identity.fingerprint, to);
    const { k } = await parsePublicKey(decodeBase64url(inviterKey));
    const { value } = await sealAccept(await this.#greeting(), addresses, this.identity.k, k, this.#guess(invite));
    return { type: "accept", ...addresses, invite, publicKey: this.publicKey, encryptedMessage: value };
  }

  /** Answers the guest in the inviter's place. The id of the guest's reply key stands on the true one; the key itself is sealed. */
  async welcome(welcome: WelcomeEnvelope, answered: AcceptEnvelope): Promise<WelcomeEnvelope> {
    const { from, to, invite } = welcome;
    const addresses = this.#addresses(from, to);
    const guest = this.#named(welcome.encryptedMessage);
    const [greeting, terms] = [await this.#greeting(), this.#guess(invite)];
    const { value } = await sealWelcome(greeting, addresses, this.identity.k, guest, answered, terms);
    return { type: "welcome", ...addresses, invite, encryptedMessage: value };
  }

  /** Tells the guest in the inviter's place that the invitation is over. */
  async refusal(welcome: WelcomeEnvelope, answered: AcceptEnvelope, guestKey: string): Promise<WelcomeEnvelope> {
    const { from, to, invite } = welcome;
    const addresses = this.#addresses(from, to);
    const { k } = await parsePublicKey(decodeBase64url(guestKey));
    const encryptedMessage = await sealRefusal(addresses, this.identity.k, k, answered);
    return { type: "welcome", ...addresses, invite, encryptedMessage };
  }

  /** A message from one to the other that neither wrote, to a reply key that somebody named. */
  async message({ from, to }: Addresses, named: string): Promise<TextEnvelope> {
    const addresses = this.#addresses(from, to);
    const recipient = this.#named(named);
    const [plaintext, psk] = [new Uint8Array(512), this.#chance.bytes(32)];
    const encryptedMessage = await sealText(plaintext, addresses, this.identity.k, recipient, psk);
    return { type: "msg", ...addresses, encryptedMessage };
  }

  /** A key of hers under the name of the one that a blob is sealed to. */
  #named(blob: string) {
    const replyKeyId = decodeBase64url(blob).subarray(1, 1 + replyKeyIdBytes);
    return { replyKeyId, replyKey: this.identity.publicKey.k };
  }

  #addresses(from: string, to: string): Addresses {
    return { id: encodeBase64url(this.#chance.bytes(idBytes)), from, to };
  }

  async #greeting() {
    const replyKey = await exportPoint(this.identity.publicKey.k);
    return { replyKeyId: this.#chance.bytes(replyKeyIdBytes), replyKey, name: "eve" };
  }

  /** What she knows of an invitation. */
  #guess(invite: string) {
    return { invite, expiry: this.#clock.now(), psk: this.#chance.bytes(32) };
  }
}
