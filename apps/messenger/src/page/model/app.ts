import { type ContactRecord, type LinkState, Messenger, MessengerError, parseLink, type Warning } from "messenger";
import { openMessenger } from "messenger/browser";
import { speechFor, type Texts } from "../texts/index.js";
import { ConversationModel } from "./conversation.js";
import { isInvitation } from "./invitation-link.js";
import { askForNotifications, notify } from "./notifications.js";
import { loadPreferences, type Preferences, savePreferences } from "./preferences.js";
import { Search } from "./search.js";
import { type Dialog, type Notice, Observable, type State, withEntry } from "./state.js";
import { fileBytesMax, Transfers } from "./transfers.js";

const noticeMs = 6000;
const inviteMs = 24 * 3_600_000;
const noticesMax = 4;

/** What exists once the messenger is this tab's. */
interface Running {
  readonly messenger: Messenger;
  readonly conversation: ConversationModel;
  readonly transfers: Transfers;
}

/** The application without its looks: what the user does comes in as calls, what is to be seen is in `state`. */
export class App {
  readonly state: Observable<State>;
  readonly #search: Search;
  readonly #token: string | undefined;
  /** Contacts whose link was scanned in person: the camera has seen that it is theirs. */
  readonly #scanned = new Set<string>();
  #running: Running | null = null;
  /** Ends the waiting for this tab's turn. */
  #waiting = new AbortController();
  #noticeId = 0;
  #wasLost = false;

  constructor(invitation: string | null, token: string | undefined) {
    this.#token = token;
    this.state = new Observable<State>({
      ...{ phase: "opening", problem: "", invitation, name: "", link: "stopped", contacts: [], newest: new Map() },
      ...{ conversation: null, dialog: null, notices: [], found: null, transfers: new Map() },
      preferences: loadPreferences(),
    });
    this.#search = new Search(this.state);
  }

  /** Makes this tab the messenger; an earlier one lets go. */
  async open(turn: "take" | "wait" = "take"): Promise<void> {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    try {
      const { messenger, files } = await openMessenger({
        ...{ turn, signal, lost: () => this.#lost() },
        ...(this.#token !== undefined && { token: this.#token }),
      });
      const transfers = new Transfers(this.state, messenger, files);
      const conversation = new ConversationModel(this.state, messenger, transfers);
      this.#running = { messenger, conversation, transfers };
      await this.#follow(messenger);
      this.state.change({ phase: messenger.name === "" ? "welcome" : "ready", name: messenger.name });
      messenger.start();
      if (messenger.name !== "") this.#begin();
    } catch (error) {
      if (signal.aborted) return;
      this.state.change({ phase: "broken", problem: error instanceof Error ? error.message : String(error) });
    }
  }

  /** First start: with a name there is somebody. */
  async begin(name: string): Promise<void> {
    const { invitation } = this.state.value;
    await this.rename(name);
    void navigator.storage?.persist?.();
    this.state.change({ phase: "ready", invitation: null });
    if (invitation !== null) await this.accept(invitation);
  }

  async rename(name: string): Promise<void> {
    await this.#do(async ({ messenger }) => {
      await messenger.rename(name.trim());
      this.state.change({ name: messenger.name });
    });
  }

  connect(): void {
    this.#running?.messenger.start();
  }

  /** Somebody looks at the page again, or the network is back: what waits for its next attempt makes it now. */
  wake(): void {
    if (this.state.value.link === "waiting") this.connect();
  }

  async trustServer(): Promise<void> {
    await this.#do(({ messenger }) => messenger.trustServer());
  }

  async invite(): Promise<void> {
    this.show({ kind: "invite", made: null });
    await this.#do(async ({ messenger }) => {
      const { invite, link } = await messenger.invite(location.origin + location.pathname, inviteMs);
      if (this.state.value.dialog?.kind === "invite") this.show({ kind: "invite", made: { invite, link } });
    });
  }

  /** @param inPerson the link came by a camera */
  async accept(link: string, inPerson = false): Promise<void> {
    const { texts } = this.speech;
    try {
      const parsed = parseLink(link.trim());
      const contact = await this.#running!.messenger.accept(link.trim());
      if (inPerson && Messenger.isInPerson(parsed, inviteMs, Date.now())) this.#scanned.add(contact.fingerprint);
      this.show(null);
      await this.select(contact.fingerprint);
    } catch (error) {
      if (!(error instanceof MessengerError)) throw error;
      const isOwn = error.code === "BAD_LINK" && error.message.includes("your own");
      const bad = isOwn ? texts.notice.own : texts.notice.badLink;
      this.notice(error.code === "ALREADY_LINKED" ? texts.notice.already : bad, "warning");
      this.show(null);
    }
  }

  /** Shows a conversation, or the list alone. */
  async select(contact: string | null, found: number | null = null): Promise<void> {
    const before = this.state.value.conversation?.contact ?? null;
    if (contact === null && before !== null) return history.back();
    if (contact === null) return;
    const entry = { contact };
    if (before === null) history.pushState(entry, "");
    else history.replaceState(entry, "");
    await this.#do(({ conversation }) => conversation.open(contact, found));
  }

  /** The browser went back or forward. */
  async went(entry: unknown): Promise<void> {
    const contact = (entry as { contact?: string } | null)?.contact;
    await this.#do(async ({ messenger, conversation }) => {
      if (contact !== undefined && messenger.contact(contact) !== undefined) await conversation.open(contact);
      else await conversation.close();
    });
  }

  get conversation(): ConversationModel {
    return this.#running!.conversation;
  }

  async send(): Promise<void> {
    await this.#do(async ({ conversation }) => {
      try {
        await conversation.send();
      } catch (error) {
        if (!(error instanceof MessengerError && error.code === "TOO_LARGE")) throw error;
        this.notice(this.speech.texts.composer.tooLong, "warning");
      }
    });
  }

  /** Whoever leaves the field, or the page, finds what was begun again. */
  async saveDraft(): Promise<void> {
    await this.#do(({ conversation }) => conversation.saveDraft());
  }

  async sendFiles(contact: string, files: Iterable<File>): Promise<void> {
    const { texts } = this.speech;
    for (const file of files) {
      if (file.size > fileBytesMax) this.notice(texts.file.tooLarge(file.name, "100 MB"), "warning");
      else void this.#do(({ transfers }) => transfers.send(contact, file));
    }
  }

  async saveFile(message: Parameters<Transfers["save"]>[0]): Promise<void> {
    await this.#do(({ transfers }) => transfers.save(message));
  }

  async search(query: string): Promise<void> {
    await this.#do(({ messenger }) => this.#search.run(messenger, query));
  }

  async showContact(contact: string): Promise<void> {
    await this.#do(async ({ messenger }) => {
      this.show({ kind: "contact", contact, safetyNumber: await messenger.safetyNumber(contact) });
    });
  }

  async verify(contact: string): Promise<void> {
    await this.#do(({ messenger }) => messenger.verify(contact));
  }

  async dismissContact(contact: string): Promise<void> {
    await this.#do(async ({ messenger }) => {
      await messenger.dismiss(contact);
      this.state.change({ contacts: messenger.contacts });
      if (this.state.value.conversation?.contact === contact) await this.select(null);
    });
  }

  show(dialog: Dialog | null): void {
    this.state.change({ dialog });
  }

  async prefer(part: Partial<Preferences>): Promise<void> {
    const { texts } = this.speech;
    const wanted = { ...this.state.value.preferences, ...part };
    if (part.notifications && !(await askForNotifications())) {
      this.notice(texts.settings.notificationsDenied, "warning");
      wanted.notifications = false;
    }
    savePreferences(wanted);
    this.state.change({ preferences: wanted });
  }

  get speech(): { readonly language: string; readonly texts: Texts } {
    return speechFor(this.state.value.preferences.language);
  }

  notice(text: string, tone: Notice["tone"] = "plain"): void {
    const notice = { id: this.#noticeId++, text, tone };
    const others = this.state.value.notices.filter((shown) => shown.text !== text);
    this.state.change({ notices: [...others, notice].slice(-noticesMax) });
    if (tone === "plain") setTimeout(() => this.endNotice(notice.id), noticeMs);
  }

  endNotice(id: number): void {
    this.state.change({ notices: this.state.value.notices.filter((notice) => notice.id !== id) });
  }

  /** What the page was opened for: an invitation, or where it was when it was reloaded. */
  #begin(): void {
    const { invitation } = this.state.value;
    if (invitation !== null && isInvitation(invitation)) this.show({ kind: "accept", link: invitation });
    else if (invitation !== null) this.notice(this.speech.texts.notice.badLink, "warning");
    this.state.change({ invitation: null });
    void this.went(history.state);
  }

  async #follow(messenger: Messenger): Promise<void> {
    const newest = await Promise.all(
      messenger.contacts.map(({ fingerprint }) => messenger.history(fingerprint, { limit: 1 })),
    );
    this.state.change({
      contacts: messenger.contacts,
      newest: new Map(newest.flat().map((message) => [message.contact, message])),
    });
    messenger.on("state", (state) => this.#connection(state));
    messenger.on("contact", (contact) => this.#contact(messenger, contact));
    messenger.on("message", (message) => {
      this.state.change({ newest: withEntry(this.state.value.newest, message.contact, message) });
      if (message.direction === "in") this.#incoming(message.contact);
    });
    messenger.on("status", (message) => {
      if (this.state.value.newest.get(message.contact)?.order !== message.order) return;
      this.state.change({ newest: withEntry(this.state.value.newest, message.contact, message) });
    });
    messenger.on("invite", (invite, outcome, contact) => this.#invite(invite, outcome, contact));
    messenger.on("warning", (what, contact) => this.#warning(what, contact));
    messenger.on("failed", (error) => this.#failed(error));
  }

  #connection(link: LinkState): void {
    if (link === "online" && this.#wasLost) this.notice(this.speech.texts.connection.again);
    if (link === "waiting") this.#wasLost = true;
    if (link === "online") this.#wasLost = false;
    this.state.change({ link });
  }

  #contact(messenger: Messenger, { fingerprint, state, name }: ContactRecord): void {
    const before = this.state.value.contacts.find((contact) => contact.fingerprint === fingerprint);
    this.state.change({ contacts: messenger.contacts });
    if (state !== "linked" || before?.state === "linked") return;
    this.notice(this.speech.texts.notice.linked(name));
    if (this.#scanned.delete(fingerprint)) void this.verify(fingerprint);
  }

  #invite(invite: string, outcome: "used" | "refused", contact: string): void {
    const { dialog } = this.state.value;
    if (outcome === "refused") this.notice(this.speech.texts.notice.inviteRefused, "warning");
    if (outcome !== "used" || dialog?.kind !== "invite" || dialog.made?.invite !== invite) return;
    this.show(null);
    void this.select(contact);
  }

  #incoming(contact: string): void {
    if (document.visibilityState === "visible" || !this.state.value.preferences.notifications) return;
    void notify(contact, this.speech.texts.notice.newMessage(this.nameOf(contact)));
  }

  nameOf(contact: string): string {
    return this.#running?.messenger.contact(contact)?.name || this.speech.texts.contact.nameless;
  }

  #warning(what: Warning, contact: string): void {
    const { notice } = this.speech.texts;
    const texts = {
      "key-mismatch": notice.mismatch,
      "cannot-open": notice.cannotOpen,
      cloned: notice.cloned(this.nameOf(contact)),
    };
    this.notice(texts[what], "warning");
  }

  #lost(): void {
    this.#running = null;
    this.state.change({ phase: "elsewhere", conversation: null, dialog: null });
    // When the other tab is closed this one goes on.
    void this.open("wait");
  }

  async #do(what: (running: Running) => Promise<unknown>): Promise<void> {
    if (this.#running === null) return;
    try {
      await what(this.#running);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.notice(`${this.speech.texts.notice.failed}: ${why}`, "warning");
  }
}
