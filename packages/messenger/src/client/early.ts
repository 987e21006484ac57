import { mailboxPairMax, type TextEnvelope } from "../protocol/index.js";

/** Messages that came before the welcome they build on: kept without acknowledgement, so that the server keeps them, too. */
export class EarlyMessages {
  readonly #held = new Map<string, TextEnvelope[]>();

  hold(envelope: TextEnvelope): void {
    const held = this.#held.get(envelope.from) ?? [];
    if (held.length < mailboxPairMax) this.#held.set(envelope.from, [...held, envelope]);
  }

  take(contact: string): TextEnvelope[] {
    const held = this.#held.get(contact) ?? [];
    this.#held.delete(contact);
    return held;
  }

  /** The connection is gone: the server brings them again. */
  clear(): void {
    this.#held.clear();
  }
}
