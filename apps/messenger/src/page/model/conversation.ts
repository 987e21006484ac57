import type { MessageRecord, Messenger } from "messenger";
import type { Observable, OpenConversation, State } from "./state.js";
import type { Transfers } from "./transfers.js";

const page = 50;
/** More stand on the screen only when the user asks for them. */
const shownMax = 400;
const draftDelayMs = 400;

/** The conversation on the screen: which part of it, what was read, and what the user has begun to write. */
export class ConversationModel {
  readonly #state: Observable<State>;
  readonly #messenger: Messenger;
  readonly #transfers: Transfers;
  #draftTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(state: Observable<State>, messenger: Messenger, transfers: Transfers) {
    this.#state = state;
    this.#messenger = messenger;
    this.#transfers = transfers;
    messenger.on("message", (message) => this.#arrived(message));
    messenger.on("status", (message) => this.#replaced(message));
    messenger.on("contact", ({ fingerprint, state: contactState }) => {
      if (fingerprint === this.#open?.contact && contactState === "linked") void this.#read();
    });
    document.addEventListener("visibilitychange", () => void this.#read());
  }

  /** @param found a place in the history that must be among what is shown */
  async open(contact: string, found: number | null = null): Promise<void> {
    await this.saveDraft();
    const { unread = 0 } = this.#messenger.contact(contact) ?? {};
    const before = found === null ? {} : { before: found + page / 2 };
    const [newestFirst, draft] = await Promise.all([
      this.#messenger.history(contact, { ...before, limit: page + unread }),
      this.#messenger.draft(contact),
    ]);
    const messages = newestFirst.reverse();
    const incoming = messages.filter(({ direction }) => direction === "in");
    const unreadFrom = unread > 0 ? (incoming.at(-unread)?.order ?? null) : null;
    this.#show({ contact, messages, unreadFrom, found, draft, hasNewer: false, hasOlder: false });
    await this.#read();
  }

  async close(): Promise<void> {
    await this.saveDraft();
    this.#state.change({ conversation: null });
  }

  async older(): Promise<void> {
    const before = this.#open;
    if (before === null || !before.hasOlder) return;
    const older = await this.#messenger.history(before.contact, { before: before.messages[0]!.order, limit: page });
    const now = this.#open;
    // It may have been closed, or another call was faster.
    if (now === null || now.contact !== before.contact || now.messages[0] !== before.messages[0]) return;
    this.#show({ ...now, messages: [...older.reverse(), ...now.messages] });
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
    if (this.#open !== null) await this.#messenger.saveDraft(this.#open.contact, this.#open.draft);
  }

  /** @throws {MessengerError} `TOO_LARGE` */
  async send(): Promise<void> {
    const { contact, draft = "" } = this.#open ?? {};
    if (contact === undefined || draft.trim() === "") return;
    await this.#messenger.send(contact, draft);
    if (this.#open?.contact === contact) this.write("");
    await this.saveDraft();
    if (this.#open?.hasNewer) await this.newest();
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
    if (open === null || message.contact !== open.contact || open.hasNewer) return;
    const isKnown = open.messages.some(({ order }) => order === message.order);
    if (isKnown) return;
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
