import { isAcknowledged, type Plaintext, type TextEnvelope } from "../protocol/index.js";
import { Batch } from "./batch.js";
import { addContent } from "./content.js";
import { type Core, saveContacts } from "./core.js";
import { Opener } from "./opener.js";
import { type Arrival, receive } from "./receive.js";
import { type MessageRecord, messageKey } from "./records.js";
import { sendReceipt } from "./sending.js";
import type { Change } from "./store.js";

/** Receipts of messages that come close together go in one. */
const receiptDelayMs = 300;
/** At the latest after so many: ackBits tell of 64. */
const receiptAfter = 32;
/** Our newest messages that a receipt may still be about. */
const receiptReach = 80;

/** What arrives from contacts: opened, stored, shown once. */
export class Conversations {
  readonly #core: Core;
  readonly #receipts = new Map<string, () => void>();

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Stores what envelopes of contacts say, in one transaction. When this resolves they may be acknowledged: what they say is stored, or
   * will never open.
   */
  async received(envelopes: readonly TextEnvelope[]): Promise<void> {
    const opener = new Opener(this.#core);
    const arrivals = await Promise.all(envelopes.map((envelope) => opener.open(envelope)));
    const batch = new Batch(this.#core);
    for (const [index, { from }] of envelopes.entries()) await this.#add(batch, from, arrivals[index]!);
    const told = await this.#receiptsIn(batch);
    if (batch.contacts.size > 0) {
      await saveContacts(this.#core, [...batch.contacts.values()], [...batch.changes, ...told.map(put)]);
    }
    this.#tellOf(batch, told);
  }

  /** Nothing more is here, or the connection is back: whoever was not told yet is told soon. */
  tellAll(): void {
    if (this.#core.link.state !== "online") return;
    for (const { fingerprint, untold } of this.#core.contacts.values()) {
      if (untold > 0 && !this.#receipts.has(fingerprint)) this.#tellSoon(fingerprint);
    }
  }

  stop(): void {
    for (const stop of this.#receipts.values()) stop();
    this.#receipts.clear();
  }

  async #add(batch: Batch, from: string, arrival: Arrival | null): Promise<void> {
    if (arrival === null) {
      batch.warnings.push({ what: "cannot-open", contact: from });
      return;
    }
    const before = batch.contact(from);
    const { contact, duplicate, goneKeys } = receive(before, arrival, this.#core.world.clock.now());
    if (contact.cloned && !before.cloned) batch.warnings.push({ what: "cloned", contact: from });
    if (duplicate) {
      if (contact.cloned !== before.cloned) batch.contacts.set(from, contact);
      return;
    }
    const { plaintext } = arrival;
    batch.contacts.set(from, await addContent(batch, contact, plaintext));
    batch.changes.push(...goneKeys.map((id): Change => ({ table: "replyKeys", remove: `${from}/${id}` })));
    batch.plaintexts.set(from, [...(batch.plaintexts.get(from) ?? []), plaintext]);
  }

  /** Our messages that came further by what contacts tell. */
  async #receiptsIn({ plaintexts }: Batch): Promise<MessageRecord[]> {
    const told = [...plaintexts].map(([fingerprint, said]) => this.#receiptsOf(fingerprint, said));
    return (await Promise.all(told)).flat();
  }

  async #receiptsOf(fingerprint: string, said: readonly Plaintext[]): Promise<MessageRecord[]> {
    const read = Math.max(...said.map(({ body }) => (body.kind === "read" ? body.upTo : -1)));
    if (read < 0 && said.every(({ ackHigh }) => ackHigh === 0)) return [];
    const rows = await this.#core.store.list("messages", {
      ...{ prefix: `${fingerprint}/`, newestFirst: true, limit: receiptReach },
    });
    return rows.flatMap(({ data }): MessageRecord[] => {
      const message = data as unknown as MessageRecord;
      if (message.direction !== "out" || message.status === "read") return [];
      if (message.n <= read) return [{ ...message, status: "read" }];
      if (message.status === "delivered" || !said.some((each) => isAcknowledged(each, message.n))) return [];
      return [{ ...message, status: "delivered" }];
    });
  }

  #tellOf({ contacts, messages, plaintexts, warnings }: Batch, told: readonly MessageRecord[]): void {
    const { events } = this.#core;
    for (const [contact, said] of plaintexts) {
      for (const { n, body } of said) this.#core.record(`contact ${contact}`, { received: n, kind: body.kind });
    }
    for (const { what, contact } of warnings) events.emit("warning", what, contact);
    for (const message of told) events.emit("status", message);
    for (const message of messages) events.emit("message", message);
    for (const { fingerprint, untold } of contacts.values()) if (untold >= receiptAfter) this.#tell(fingerprint);
  }

  #tellSoon(fingerprint: string): void {
    this.#receipts.set(
      fingerprint,
      this.#core.world.clock.after(receiptDelayMs, () => this.#tell(fingerprint)),
    );
  }

  #tell(fingerprint: string): void {
    this.#receipts.get(fingerprint)?.();
    this.#receipts.delete(fingerprint);
    this.#core.serial
      .run(() => sendReceipt(this.#core, fingerprint))
      .catch((error) => this.#core.events.emit("failed", error));
  }
}

function put(message: MessageRecord): Change {
  return { table: "messages", put: { key: messageKey(message.contact, message.order), data: message } };
}
