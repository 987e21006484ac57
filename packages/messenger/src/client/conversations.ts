import {
  type Body,
  CannotOpenError,
  decodeBase64url,
  encodeBase64url,
  isAcknowledged,
  MalformedError,
  openText,
  type Plaintext,
  parsePublicKey,
  sha256,
  type TextEnvelope,
  unpackBlob,
  unpackPlaintext,
} from "../protocol/index.js";
import { type Core, saveContact } from "./core.js";
import { type Arrival, receive } from "./receive.js";
import { type ContactRecord, type MessageRecord, messageKey, ordered } from "./records.js";
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

  /** Stores what an envelope says. When this resolves it may be acknowledged: it is stored, or will never open. */
  async received(envelope: TextEnvelope, contact: ContactRecord): Promise<void> {
    const { events, world } = this.#core;
    const arrival = await this.#open(envelope, contact);
    if (arrival === null) return events.emit("warning", "cannot-open", contact.fingerprint);
    const { contact: after, duplicate, goneKeys } = receive(contact, arrival, world.clock.now());
    if (after.cloned && !contact.cloned) events.emit("warning", "cloned", contact.fingerprint);
    if (duplicate) {
      if (after !== contact && after.cloned !== contact.cloned) await saveContact(this.#core, after);
      return;
    }
    const shown = await this.#content(after, arrival.plaintext);
    const told = await this.#receiptsFor(after, arrival.plaintext);
    const removed: Change[] = goneKeys.map((id) => ({ table: "replyKeys", remove: `${after.fingerprint}/${id}` }));
    await saveContact(this.#core, shown.contact, [...shown.changes, ...told.map(put), ...removed]);
    const { n, body } = arrival.plaintext;
    this.#core.record(`contact ${contact.fingerprint}`, { received: n, kind: body.kind });
    for (const message of told) events.emit("status", message);
    if (shown.message !== null) events.emit("message", shown.message);
    if (after.untold > 0) this.#receiptDue(after);
  }

  /** After a restart: tells those who were not told. */
  online(): void {
    for (const contact of this.#core.contacts.values()) if (contact.untold > 0) this.#receiptDue(contact);
  }

  stop(): void {
    for (const stop of this.#receipts.values()) stop();
    this.#receipts.clear();
  }

  async #open(envelope: TextEnvelope, contact: ContactRecord): Promise<Arrival | null> {
    try {
      const replyKeyId = encodeBase64url(unpackBlob(envelope.encryptedMessage).replyKeyId);
      const row = await this.#core.store.get("replyKeys", `${contact.fingerprint}/${replyKeyId}`);
      // A key that is gone: a duplicate, or far too late.
      if (row === undefined) return null;
      const sender = await parsePublicKey(decodeBase64url(contact.publicKey));
      const bytes = await openText(envelope, row.keys!.pair!, sender.k, decodeBase64url(contact.pairPsk));
      return { plaintext: unpackPlaintext(bytes), hash: await sha256(bytes), replyKeyId };
    } catch (error) {
      if (error instanceof CannotOpenError || error instanceof MalformedError) return null;
      throw error;
    }
  }

  /** What a message adds to the history. */
  async #content(contact: ContactRecord, { n, body, sentAt }: Plaintext) {
    const none = { contact, changes: [] as Change[], message: null as MessageRecord | null };
    const add = (text: string, more: Partial<MessageRecord>, changes: Change[] = []) => {
      const message: MessageRecord = {
        ...{ contact: contact.fingerprint, order: contact.messages, direction: "in", n, sentAt, text },
        ...{ status: "delivered", ...more },
      };
      return {
        contact: { ...contact, messages: contact.messages + 1, unread: contact.unread + 1 },
        changes: [...changes, put(message)],
        message,
      };
    };
    switch (body.kind) {
      case "text":
        return add(body.text, {});
      case "file": {
        const { id, key, size, name } = body;
        return add("", { file: { id, size, name, key: encodeBase64url(key) } });
      }
      case "unknown":
        return add("", { unknownKind: body.code });
      case "part":
        return (await this.#part(contact, body, add)) ?? this.#keepPart(contact, body);
      default:
        return none;
    }
  }

  /** The whole text, if this was the last part that was missing. */
  async #part<Added>(
    { fingerprint }: ContactRecord,
    body: Extract<Body, { kind: "part" }>,
    add: (text: string, more: object, changes: Change[]) => Added,
  ): Promise<Added | null> {
    const rows = await this.#core.store.list("parts", { prefix: `${fingerprint}/${body.group}/` });
    if (rows.length + 1 < body.count) return null;
    const texts = rows.map(({ key, data }) => [key, data as string] as const);
    const whole = [...texts, [partKey(fingerprint, body), body.text] as const].sort(([a], [b]) => (a < b ? -1 : 1));
    const text = whole.map(([, part]) => part).join("");
    return add(
      text,
      {},
      rows.map(({ key }) => ({ table: "parts", remove: key })),
    );
  }

  #keepPart(contact: ContactRecord, body: Extract<Body, { kind: "part" }>) {
    const change: Change = { table: "parts", put: { key: partKey(contact.fingerprint, body), data: body.text } };
    return { contact, changes: [change], message: null };
  }

  /** Our messages that came further by what the peer tells. */
  async #receiptsFor(contact: ContactRecord, plaintext: Plaintext): Promise<MessageRecord[]> {
    const read = plaintext.body.kind === "read" ? plaintext.body.upTo : -1;
    if (plaintext.ackHigh === 0 && read < 0) return [];
    const rows = await this.#core.store.list("messages", {
      ...{ prefix: `${contact.fingerprint}/`, newestFirst: true, limit: receiptReach },
    });
    return rows.flatMap(({ data }): MessageRecord[] => {
      const message = data as unknown as MessageRecord;
      if (message.direction !== "out" || message.status === "read") return [];
      if (message.n <= read) return [{ ...message, status: "read" }];
      if (message.status === "delivered" || !isAcknowledged(plaintext, message.n)) return [];
      return [{ ...message, status: "delivered" }];
    });
  }

  #receiptDue({ fingerprint, untold }: ContactRecord): void {
    if (untold >= receiptAfter) this.#tell(fingerprint);
    else if (!this.#receipts.has(fingerprint)) this.#tellSoon(fingerprint);
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

function partKey(contact: string, { group, index }: Extract<Body, { kind: "part" }>): string {
  return `${contact}/${group}/${ordered(index)}`;
}
