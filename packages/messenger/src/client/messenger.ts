import {
  createIdentity,
  type Identity,
  identityOf,
  inPersonMs,
  MessengerError,
  nameBytesMax,
  safetyNumber,
  utf8,
} from "../protocol/index.js";
import { Conversations } from "./conversations.js";
import { type Core, saveContact } from "./core.js";
import { Emitter } from "./emitter.js";
import { type FileSource, receiveFile, sendFile } from "./files.js";
import { Inbox } from "./inbox.js";
import { type Invitation, Invitations } from "./invitations.js";
import { Link, type LinkDetail, type LinkState } from "./link.js";
import { Outbox, type OutboxRecord } from "./outbox.js";
import { type ContactRecord, type MessageRecord, messageKey } from "./records.js";
import { linkedContact, sendRead, sendText } from "./sending.js";
import { Serial } from "./serial.js";
import type { MessengerEvents } from "./state.js";
import type { Change, ClientStore } from "./store.js";
import type { ClientWorld } from "./world.js";

export interface MessengerOptions {
  readonly world: ClientWorld;
  readonly store: ClientStore;
  /** Told to contacts, at most 64 bytes of UTF-8. Kept; only needed the first time, and to change it. */
  readonly name?: string;
  /** Every change of state as a message, with the row of a tree that it belongs to. */
  readonly record?: (row: string, message: Readonly<Record<string, unknown>>) => void;
}

/** Messages of a conversation. */
export interface HistoryOptions {
  /** Only messages before this place in the history. */
  readonly before?: number;
  /** Default 50. */
  readonly limit?: number;
}

/** One person's messenger: an identity, contacts, conversations. The store belongs to it until `close`. */
export class Messenger {
  readonly #core: Core;
  readonly #invitations: Invitations;
  readonly #conversations: Conversations;
  readonly #inbox: Inbox;
  #name: string;
  #closing: Promise<void> | null = null;

  /** Loads what the store has, and makes an identity if there is none. Connects when `start` is called. */
  static async open(options: MessengerOptions): Promise<Messenger> {
    const { store, name } = options;
    const row = await store.get("self", "identity");
    const identity =
      row === undefined ? await createIdentity(store.extractableKeys) : await identityOf(row.keys!.k!, row.keys!.g!);
    const known = (row?.data ?? { name: "" }) as { name: string };
    const data = { name: name ?? known.name };
    if (row === undefined || data.name !== known.name) await store.apply([selfChange(identity, data.name)]);
    const messenger = new Messenger(options, identity, data.name);
    for (const { key, data: contact } of await store.list("contacts")) {
      messenger.#core.contacts.set(key, contact as unknown as ContactRecord);
    }
    await messenger.#core.outbox.load();
    return messenger;
  }

  private constructor({ world, store, record = () => {} }: MessengerOptions, identity: Identity, name: string) {
    this.#name = name;
    const link = new Link(world, identity, store, {
      state: (state, detail) => this.#connection(state, detail),
      envelope: (envelope) => this.#inbox.arrived(envelope),
    });
    const outbox = new Outbox(store, world.clock, {
      ask: (envelope) => link.ask(envelope),
      settled: (sent, problem, end) => this.#core.serial.run(() => this.#settled(sent, problem, end)),
      delayed: (sent, problem) => this.#delayed(sent, problem),
      drained: () => this.#core.events.emit("drained"),
    });
    this.#core = {
      ...{ world, store, identity, link, outbox, record, name: () => this.#name },
      ...{ events: new Emitter<MessengerEvents>(), serial: new Serial(), contacts: new Map<string, ContactRecord>() },
    };
    this.#invitations = new Invitations(this.#core);
    this.#conversations = new Conversations(this.#core);
    this.#inbox = new Inbox(this.#core, this.#invitations, this.#conversations);
  }

  get fingerprint(): string {
    return this.#core.identity.fingerprint;
  }

  get name(): string {
    return this.#name;
  }

  /** Contacts of later invitations see it. @throws {MessengerError} `TOO_LARGE` */
  async rename(name: string): Promise<void> {
    await this.#core.store.apply([selfChange(this.#core.identity, name)]);
    this.#name = name;
  }

  get state(): LinkState {
    return this.#core.link.state;
  }

  /** Envelopes that the server has not accepted yet. */
  get waiting(): number {
    return this.#core.outbox.size;
  }

  get contacts(): readonly ContactRecord[] {
    return [...this.#core.contacts.values()];
  }

  contact(fingerprint: string): ContactRecord | undefined {
    return this.#core.contacts.get(fingerprint);
  }

  on<Name extends keyof MessengerEvents>(name: Name, listener: (...args: MessengerEvents[Name]) => void): () => void {
    return this.#core.events.on(name, listener);
  }

  /** Connects, and goes on connecting until `stop`, or until a state says that it makes no sense. */
  start(): void {
    this.#core.link.start();
  }

  async stop(): Promise<void> {
    await this.#core.link.stop();
  }

  /** Ends everything; what was written and not sent goes out when it is opened again. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.stop().then(() => this.#core.serial.run(() => this.#core.store.close()));
    return this.#closing;
  }

  /** The user agrees that the server has another key than before. */
  async trustServer(): Promise<void> {
    await this.#core.link.trustServer();
    this.start();
  }

  /** @param app address of the page that opens the link; @param lifetimeMs 24 hours by default, at most 7 days */
  invite(app: string, lifetimeMs?: number): Promise<Invitation> {
    return this.#invitations.create(app, lifetimeMs);
  }

  /**
   * Answers an invitation. The contact is `invited` until the inviter's client has answered.
   *
   * @throws {MessengerError} `BAD_LINK` or `ALREADY_LINKED`
   */
  accept(link: string): Promise<ContactRecord> {
    return this.#invitations.accept(link);
  }

  /** @throws {MessengerError} `NOT_LINKED` or `TOO_LARGE` */
  send(contact: string, text: string): Promise<MessageRecord> {
    return this.#core.serial.run(() => sendText(this.#core, contact, text));
  }

  /**
   * Forgets an invitation that came to nothing so far. An answer that the server has may still reach the inviter, who then sees a contact.
   *
   * @throws {MessengerError} `ALREADY_LINKED` for who is linked
   */
  dismiss(fingerprint: string): Promise<void> {
    return this.#invitations.dismiss(fingerprint);
  }

  /** Sends a file to a contact who is on line. Resolves when all of it has arrived there. */
  sendFile(contact: string, source: FileSource): Promise<MessageRecord> {
    return sendFile(this.#core, contact, source);
  }

  /** The bytes of an announced file; whole only if the iteration ends without an error. */
  receiveFile(message: MessageRecord): AsyncGenerator<Uint8Array> {
    return receiveFile(this.#core, message);
  }

  /** Newest first. */
  async history(contact: string, { before, limit = 50 }: HistoryOptions = {}): Promise<MessageRecord[]> {
    const rows = await this.#core.store.list("messages", {
      ...{ prefix: `${contact}/`, newestFirst: true, limit },
      ...(before !== undefined && { before: messageKey(contact, before) }),
    });
    return rows.map(({ data }) => data as unknown as MessageRecord);
  }

  /** The user has seen everything so far. With `tell` the contact hears of it. */
  markRead(fingerprint: string, { tell = false } = {}): Promise<void> {
    return this.#core.serial.run(async () => {
      const contact = linkedContact(this.#core, fingerprint);
      if (contact.unread === 0) return;
      await saveContact(this.#core, { ...contact, unread: 0 });
      if (tell && contact.window.high > 0) await sendRead(this.#core, fingerprint, contact.window.high - 1);
    });
  }

  /** What the user has begun to write to a contact; empty if nothing. */
  async draft(contact: string): Promise<string> {
    return ((await this.#core.store.get("drafts", contact))?.data as string | undefined) ?? "";
  }

  async saveDraft(contact: string, text: string): Promise<void> {
    const change: Change =
      text === "" ? { table: "drafts", remove: contact } : { table: "drafts", put: { key: contact, data: text } };
    await this.#core.store.apply([change]);
  }

  safetyNumber(contact: string): Promise<string> {
    return safetyNumber(this.fingerprint, contact);
  }

  /** The user compared the safety number with the contact's. */
  verify(fingerprint: string): Promise<void> {
    return this.#core.serial.run(async () => {
      const contact = linkedContact(this.#core, fingerprint);
      await saveContact(this.#core, { ...contact, state: "verified" });
      this.#core.record(`contact ${fingerprint}`, { state: "verified" });
    });
  }

  /** Whether a QR code that was scanned in person may verify: not long after the invitation was made. */
  static isInPerson(invitation: { readonly expiry: number }, lifetimeMs: number, now: number): boolean {
    return now - (invitation.expiry - lifetimeMs) <= inPersonMs;
  }

  #connection(state: LinkState, detail: LinkDetail): void {
    const { outbox, events, record } = this.#core;
    record("connection", { state, ...detail });
    outbox.online(state === "online");
    if (state === "online") {
      this.#invitations.online();
      this.#conversations.tellAll();
    } else {
      this.#invitations.offline();
      this.#inbox.clear();
      this.#conversations.stop();
    }
    events.emit("state", state, detail);
  }

  async #settled({ envelope, messageKey: key }: OutboxRecord, problem: string | null, end: Change): Promise<void> {
    if (envelope.type === "accept" && problem !== null) return this.#invitations.unsent(envelope, end);
    const message = await this.#message(key);
    // A receipt may have come before the server's answer.
    if (message?.status !== "sending") return this.#core.store.apply([end]);
    const { problem: _, ...rest } = message;
    const next: MessageRecord =
      problem === null ? { ...rest, status: "accepted" } : { ...rest, status: "failed", problem };
    await this.#core.store.apply([end, { table: "messages", put: { key: key!, data: next } }]);
    this.#core.events.emit("status", next);
  }

  async #delayed({ messageKey: key }: OutboxRecord, problem: string): Promise<void> {
    const message = await this.#message(key);
    if (message !== null && message.problem !== problem) this.#core.events.emit("status", { ...message, problem });
  }

  async #message(key: string | null): Promise<MessageRecord | null> {
    const row = key === null ? undefined : await this.#core.store.get("messages", key);
    return (row?.data as unknown as MessageRecord | undefined) ?? null;
  }
}

function selfChange({ k, g }: Identity, name: string): Change {
  if (utf8(name).length > nameBytesMax) {
    throw new MessengerError("TOO_LARGE", `a name has at most ${nameBytesMax} bytes`);
  }
  return { table: "self", put: { key: "identity", data: { name }, keys: { k, g } } };
}
