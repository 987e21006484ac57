import type { Envelope, Jwk } from "../protocol/index.js";
import type { Acceptance, MessengerStore, Waiting } from "../server/store.js";

/** The store of a server as long as a simulation lives: without limits, which are tested elsewhere. Contains no test itself. */
export class MemoryMessengerStore implements MessengerStore {
  readonly #identities = new Map<string, string>();
  readonly #remembered = new Map<string, string>();
  #waiting: Waiting[] = [];
  #seq = 0;

  async serverKey(): Promise<Jwk | null> {
    return null;
  }

  async saveServerKey(): Promise<void> {}

  async publicKey(fingerprint: string): Promise<string | null> {
    return this.#identities.get(fingerprint) ?? null;
  }

  async saveIdentity(fingerprint: string, publicKey: string): Promise<void> {
    this.#identities.set(fingerprint, publicKey);
  }

  async accept(envelope: Envelope): Promise<Acceptance> {
    const [key, body] = [`${envelope.from} ${envelope.id}`, JSON.stringify(envelope)];
    const known = this.#remembered.get(key);
    if (known !== undefined) return known === body ? "again" : "conflict";
    if (!this.#identities.has(envelope.to)) return "unknown-recipient";
    this.#remembered.set(key, body);
    this.#waiting.push({ seq: ++this.#seq, envelope });
    return "accepted";
  }

  async waiting(recipient: string, afterSeq: number, limit: number): Promise<Waiting[]> {
    return this.#waiting.filter(({ seq, envelope }) => envelope.to === recipient && seq > afterSeq).slice(0, limit);
  }

  async count(recipient: string): Promise<number> {
    return this.#waiting.filter(({ envelope }) => envelope.to === recipient).length;
  }

  async acknowledge(recipient: string, sender: string, id: string): Promise<void> {
    this.#waiting = this.#waiting.filter(({ envelope }) => {
      return envelope.to !== recipient || envelope.from !== sender || envelope.id !== id;
    });
  }

  async forget(): Promise<void> {}
  async close(): Promise<void> {}
}
