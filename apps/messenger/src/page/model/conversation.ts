import type { MessageRecord, Messenger } from "messenger";
import type { Observable, OpenConversation, State } from "./state.js";
import type { Transfers } from "./transfers.js";

const page = 50;
/** More stand on the screen only when the user asks for them. */
const shownMax = 400;
const draftDelayMs = 400;

/** What of a messenger a conversation needs. */
export type Messages = Pick<Messenger, "on" | "contact" | "history" | "draft" | "saveDraft" | "send" | "markRead">;

/** The conversation on the screen: which part of it, what was read, and what the user has begun to write. */
export class ConversationModel {
  readonly #state: Observable<State>;
  readonly #messenger: Messages;
  readonly #transfers: Pick<Transfers, "look">;
  /** What was told while a history was being read, for each that is. */
  readonly #told = new Set<(() => void)[]>();
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with every conversation that is opened or closed: of two that are being opened the later one is shown. */
  #openings = 0;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(state: Observable<State>, messenger: Messages, transfers: Pick<Transfers, "look">) {
    this.#state = state;
    this.#messenger = messenger;
    this.#transfers = transfers;
    messenger.on("message", (message) => this.#hear(() => this.#arrived(message)));
    messenger.on("status", (message) => this.#hear(() => this.#replaced(message)));
    messenger.on("contact", ({ fingerprint, state: contactState }) => {
      if (fingerprint === this.#open?.contact && contactState === "linked") void this.#read();
    });
    document.addEventListener("visibilitychange", () => void this.#read());
  }

  /** @param found a place in the history that must be among what is shown */
  async open(contact: string, found: number | null = null): Promise<void> {
    const opening = ++this.#openings;
    await this.saveDraft();
    const { unread = 0 } = this.#messenger.contact(contact) ?? {};
    const before = found === null ? {} : { before: found + page / 2 };
    const reading = Promise.all([
      this.#messenger.history(contact, { ...before, limit: page + unread }),
      this.#messenger.draft(contact),
    ]);
    await this.#load(reading, ([newestFirst, draft]) => {
      if (opening !== this.#openings) return;
      const messages = newestFirst.reverse();
      const incoming = messages.filter(({ direction }) => direction === "in");
      const unreadFrom = unread > 0 ? (incoming.at(-unread)?.order ?? null) : null;
      this.#show({ contact, messages, unreadFrom, found, draft, hasNewer: false, hasOlder: false });
    });
    await this.#read();
  }

  async close(): Promise<void> {
    this.#openings++;
    await this.saveDraft();
    this.#state.change({ conversation: null });
  }

  async older(): Promise<void> {
    const before = this.#open;
    if (before === null || !before.hasOlder) return;
    const first = before.messages[0]!.order;
    await this.#load(this.#messenger.history(before.contact, { before: first, limit: page }), (older) => {
      const now = this.#open;
      // It may have been closed, or another call was faster.
      if (now === null || now.contact !== before.contact || now.messages[0]?.order !== first) return;
      this.#show({ ...now, messages: [...older.reverse(), ...now.messages] });
    });
  }

  async newest(): Promise<void> {
    if (this.#open !== null) await this.open(this.#open.contact);
  }

  write(draft: string): void {
    if (this.#open === null) return;
    this.#state.change({ conversation: { ...this.#open, draft } });
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => void this.saveDraft(), draftDelayMs);
  }

  async saveDraft(): Promise<void> {
    clearTimeout(this.#draftTimer);
    // What is being sent stays the draft until it is a message: a page that is closed meanwhile loses neither.
    await this.#sending;
    if (this.#open !== null) await this.#messenger.saveDraft(this.#open.contact, this.#open.draft);
  }

  /** @throws {MessengerError} `TOO_LARGE` */
  async send(): Promise<void> {
    const { contact, draft = "" } = this.#open ?? {};
    if (contact === undefined || draft.trim() === "") return;
    // The field is free at once: what is typed while this is being sent belongs to the next message.
    this.write("");
    const sent = this.#messenger.send(contact, draft);
    this.#sending = sent.catch(() => {});
    try {
      await sent;
    } catch (error) {
      await this.#giveBack(contact, draft);
      throw error;
    }
    await this.saveDraft();
    if (this.#open?.contact === contact && this.#open.hasNewer) await this.newest();
  }

  /** What could not be sent is to be written again, before what was begun since. */
  async #giveBack(contact: string, text: string): Promise<void> {
    const isOpen = this.#open?.contact === contact;
    const begun = isOpen ? this.#open!.draft : await this.#messenger.draft(contact);
    const draft = begun === "" ? text : `${text}\n${begun}`;
    if (isOpen) this.write(draft);
    else await this.#messenger.saveDraft(contact, draft);
  }

  #hear(change: () => void): void {
    change();
    for (const told of this.#told) told.push(change);
  }

  /** Shows what was read, then once more what was told meanwhile: the history may be older than that. */
  async #load<Rows>(reading: Promise<Rows>, show: (rows: Rows) => void): Promise<void> {
    const told: (() => void)[] = [];
    this.#told.add(told);
    try {
      show(await reading);
    } finally {
      this.#told.delete(told);
    }
    for (const change of told) change();
  }

  get #open(): OpenConversation | null {
    return this.#state.value.conversation;
  }

  #show(conversation: OpenConversation): void {
    const { contact, messages } = conversation;
    const total = this.#messenger.contact(contact)?.messages ?? 0;
    const hasOlder = (messages[0]?.order ?? 0) > 0;
    const hasNewer = (messages.at(-1)?.order ?? total - 1) < total - 1;
    this.#state.change({ conversation: { ...conversation, hasOlder, hasNewer } });
    void this.#transfers.look(messages);
  }

  #arrived(message: MessageRecord): void {
    const open = this.#open;
    // Only the one behind the last that is shown: it may be there already, or what is between is not.
    const next = (open?.messages.at(-1)?.order ?? -1) + 1;
    if (open === null || message.contact !== open.contact || message.order !== next) return;
    const messages = [...open.messages, message];
    this.#show({ ...open, messages: messages.length > shownMax ? messages.slice(-shownMax / 2) : messages });
    void this.#read();
  }

  #replaced(message: MessageRecord): void {
    const open = this.#open;
    if (open === null || message.contact !== open.contact) return;
    const messages = open.messages.map((shown) => (shown.order === message.order ? message : shown));
    this.#state.change({ conversation: { ...open, messages } });
  }

  /** What stands on a screen that is looked at has been read. */
  async #read(): Promise<void> {
    const contact = this.#messenger.contact(this.#open?.contact ?? "");
    if (contact === undefined || contact.unread === 0 || document.visibilityState !== "visible") return;
    if (contact.state !== "linked" && contact.state !== "verified") return;
    await this.#messenger.markRead(contact.fingerprint, { tell: this.#state.value.preferences.readReceipts });
  }
}
