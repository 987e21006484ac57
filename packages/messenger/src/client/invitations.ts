import {
  type AcceptEnvelope,
  checkRefusal,
  decodeBase64url,
  encodeBase64url,
  exportPoint,
  fingerprintOf,
  formatLink,
  type Greeting,
  generateHpkeKeys,
  idBytes,
  importPoint,
  inviteBytes,
  inviteMsDefault,
  inviteMsMax,
  invitePsk,
  isRefusal,
  MessengerError,
  openAccept,
  openInvitesMax,
  openWelcome,
  pairPsk,
  parseLink,
  parsePublicKey,
  replyKeyIdBytes,
  sealAccept,
  sealRefusal,
  sealWelcome,
  secretBytes,
  type WebKeyPair,
  type WelcomeEnvelope,
} from "../protocol/index.js";
import { type Core, saveContact } from "./core.js";
import { keyOf } from "./link.js";
import type { Outbox } from "./outbox.js";
import { type ContactRecord, type InviteRecord, isLinked, newContact, type PendingAccept } from "./records.js";
import type { Change } from "./store.js";

/** An invitation that was made. */
export interface Invitation {
  readonly invite: string;
  readonly link: string;
  readonly expiry: number;
}

/** An inviter whom the server could not name is looked up again after so long, then after twice as long each time. */
const lookUpMinMs = 1000;
const lookUpMaxMs = 60_000;

/** Invitations: made here, accepted here, and what comes of either (spec: messenger, section 3). */
export class Invitations {
  readonly #core: Core;
  /** Inviters whom the server was asked for and has not named yet. */
  readonly #asked = new Set<string>();
  /** Rounds of looking up, since `online`, that left an inviter unnamed. */
  #misses = 0;
  /** Ends the wait for the next round; null while none is due. */
  #stopWaiting: (() => void) | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  /** @param app address of the page that the link opens, without fragment */
  async create(app: string, lifetimeMs = inviteMsDefault): Promise<Invitation> {
    const { world, store, identity } = this.#core;
    if (!(lifetimeMs > 0 && lifetimeMs <= inviteMsMax)) {
      throw new RangeError(`an invitation lives up to ${inviteMsMax} ms, got ${lifetimeMs}`);
    }
    const now = world.clock.now();
    const open = await this.#dropExpired(now);
    if (open >= openInvitesMax) {
      throw new MessengerError(
        "TOO_LARGE",
        `${openInvitesMax} invitations are open; wait until some were used or are over`,
      );
    }
    const secret = world.random(secretBytes);
    const invite = encodeBase64url(world.random(inviteBytes));
    const expiry = now + lifetimeMs;
    const record: InviteRecord = { invite, secret: encodeBase64url(secret), createdAt: now, expiry, state: "open" };
    await store.apply([{ table: "invites", put: { key: invite, data: record } }]);
    this.#core.record(`invite ${invite}`, { state: "open", expiry });
    return { invite, link: formatLink(app, { inviter: identity.fingerprint, invite, secret, expiry }), expiry };
  }

  /**
   * Accepts a link; the rest happens when the server can be reached. A link that was accepted before is answered as it was then.
   *
   * @throws {MessengerError} `BAD_LINK` or `ALREADY_LINKED`
   */
  async accept(link: string): Promise<ContactRecord> {
    const { world, identity, serial } = this.#core;
    const parsed = parseLink(link);
    if (parsed.inviter === identity.fingerprint) throw new MessengerError("BAD_LINK", "this invitation is your own");
    if (parsed.expiry <= world.clock.now())
      throw new MessengerError("BAD_LINK", "this invitation is over; ask for another");
    const psk = encodeBase64url(await invitePsk(parsed));
    const pending = { invite: parsed.invite, expiry: parsed.expiry, psk, accept: null, exported: "" };
    const contact = await serial.run(() => this.#invited(parsed.inviter, pending));
    this.online();
    return contact;
  }

  /** Forgets one that came to nothing so far. @throws {MessengerError} `ALREADY_LINKED` */
  dismiss(fingerprint: string): Promise<void> {
    const { serial, store, contacts } = this.#core;
    return serial.run(async () => {
      const contact = contacts.get(fingerprint);
      if (contact === undefined) return;
      if (isLinked(contact)) throw new MessengerError("ALREADY_LINKED", "who is linked cannot be forgotten");
      const { changes, withdrawn } = this.#withdrawal(fingerprint);
      await store.apply([{ table: "contacts", remove: fingerprint }, ...changes]);
      contacts.delete(fingerprint);
      withdrawn();
    });
  }

  /** Goes on with every invitation that was accepted and not answered yet, if the server can be reached. */
  online(): void {
    this.offline();
    this.#answerAll();
  }

  /** Waits for nothing: the next connection begins anew. */
  offline(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#misses = 0;
  }

  async #invited(inviter: string, pending: PendingAccept): Promise<ContactRecord> {
    const known = this.#core.contacts.get(inviter);
    if (known !== undefined && isLinked(known)) {
      throw new MessengerError("ALREADY_LINKED", "who made this link is a contact already");
    }
    if (known?.pending?.psk === pending.psk && known.pending.expiry === pending.expiry) {
      // The same bytes again, in case they were lost: another answer would not fit the one welcome, which may be on its way.
      if (known.pending.accept !== null) await this.#send(known.pending.accept);
      return known;
    }
    const contact: ContactRecord = { ...newContact(inviter), pending };
    const { changes, withdrawn } = this.#withdrawal(inviter);
    await saveContact(this.#core, contact, changes);
    withdrawn();
    this.#core.record(`contact ${inviter}`, { state: "invited" });
    return contact;
  }

  #answerAll(): void {
    for (const { fingerprint, pending } of this.#core.contacts.values()) {
      if (pending?.accept !== null || this.#asked.has(fingerprint)) continue;
      void this.#lookUp(fingerprint).catch((error) => this.#failed(error));
    }
  }

  /** Nothing else waits for the server's answer: what has become of the contact meanwhile is looked at afterwards. */
  async #lookUp(fingerprint: string): Promise<void> {
    const { link, serial } = this.#core;
    this.#asked.add(fingerprint);
    const answer = await link
      .ask({ type: "lookup", publicKeySig: fingerprint })
      .finally(() => this.#asked.delete(fingerprint));
    await serial.run(() => this.#answer(fingerprint, keyOf(answer)));
  }

  /** Answers the inviter, whose key was looked up. */
  async #answer(fingerprint: string, found: Uint8Array | null): Promise<void> {
    const { identity, world, contacts, outbox, events } = this.#core;
    const contact = contacts.get(fingerprint);
    if (contact?.state !== "invited" || contact.pending?.accept !== null) return;
    if (found === null) return this.#lookUpAgain(contact.pending);
    if ((await fingerprintOf(found)) !== fingerprint) {
      await saveContact(this.#core, { ...contact, state: "mismatch", pending: null });
      this.#core.record(`contact ${fingerprint}`, { state: "mismatch" });
      return events.emit("warning", "key-mismatch", fingerprint);
    }
    const inviter = await parsePublicKey(found);
    const own = await this.#replyKey();
    const { invite, expiry, psk } = contact.pending;
    const addresses = { id: encodeBase64url(world.random(idBytes)), from: identity.fingerprint, to: fingerprint };
    const terms = { invite, expiry, psk: decodeBase64url(psk) };
    const { value, exported } = await sealAccept(own.greeting, addresses, identity.k, inviter.k, terms);
    const publicKey = encodeBase64url(identity.publicKey.bytes);
    const accept: AcceptEnvelope = { type: "accept", ...addresses, invite, publicKey, encryptedMessage: value };
    const sending = outbox.prepare({ envelope: accept, messageKey: null });
    const pending: PendingAccept = { ...contact.pending, accept, exported: encodeBase64url(exported) };
    const next = {
      ...contact,
      pending,
      publicKey: encodeBase64url(found),
      replyKeys: [{ id: own.id, issuedN: -1, issuedAt: world.clock.now(), firstUse: null, reached: false }],
    };
    await saveContact(this.#core, next, [sending.change, keyChange(fingerprint, own)]);
    sending.queued();
  }

  /** The server refuses our answer for good, perhaps because it has lost whom it knew: the inviter is looked up and answered anew. */
  async unsent({ id, to }: AcceptEnvelope, end: Change): Promise<void> {
    const contact = this.#core.contacts.get(to);
    if (contact?.pending?.accept?.id !== id) return this.#core.store.apply([end]);
    const pending: PendingAccept = { ...contact.pending, accept: null, exported: "" };
    const { changes, withdrawn } = this.#withdrawal(to);
    await saveContact(this.#core, { ...contact, pending, replyKeys: [] }, [end, ...changes]);
    withdrawn();
    this.#lookUpAgain(pending);
  }

  /** Gives up our answer to an inviter, with the key that the welcome would be sealed to. */
  #withdrawal(inviter: string): ReturnType<Outbox["withdrawAccept"]> {
    const { outbox, contacts } = this.#core;
    const { changes, withdrawn } = outbox.withdrawAccept(inviter);
    const { replyKeys = [] } = contacts.get(inviter) ?? {};
    const keys = replyKeys.map(({ id }): Change => ({ table: "replyKeys", remove: `${inviter}/${id}` }));
    return { changes: [...changes, ...keys], withdrawn };
  }

  /** Who makes a link off line is not known to the server before its first connection, and nobody tells us of that. */
  #lookUpAgain({ expiry }: PendingAccept): void {
    const { clock } = this.#core.world;
    if (this.#stopWaiting !== null || this.#core.link.session === null || expiry <= clock.now()) return;
    this.#stopWaiting = clock.after(Math.min(lookUpMaxMs, lookUpMinMs * 2 ** this.#misses++), () => {
      this.#stopWaiting = null;
      this.#answerAll();
    });
  }

  /** Somebody answers a link of ours. */
  async accepted(envelope: AcceptEnvelope): Promise<void> {
    const { store, contacts, identity, world } = this.#core;
    const guest = await parsePublicKey(decodeBase64url(envelope.publicKey));
    if ((await fingerprintOf(guest.bytes)) !== envelope.from) return this.#cannotOpen(envelope.from);
    const row = await store.get("invites", envelope.invite);
    if (row === undefined) return this.#cannotOpen(envelope.from);
    const record = row.data as unknown as InviteRecord;
    const known = contacts.get(envelope.from);
    // One who has never written to us may have lost our welcome, and can prove itself with another link of ours.
    if (known !== undefined && isLinked(known) && (known.window.high > 0 || record.state === "used")) return;
    // Both invited each other and both accepted: the one with the smaller address is the inviter.
    if (known?.pending?.accept != null && identity.fingerprint > envelope.from) return;
    // An answer to an older link than the one that linked us: the server has held it up, and the guest knows it no more.
    const isOvertaken = known !== undefined && isLinked(known) && record.createdAt <= (known.invitedAt ?? -1);
    if (isOvertaken || record.state === "used" || record.expiry <= world.clock.now()) {
      return this.#refuse(envelope, guest.k);
    }
    const psk = await invitePsk({
      secret: decodeBase64url(record.secret),
      inviter: identity.fingerprint,
      invite: record.invite,
    });
    const terms = { invite: record.invite, expiry: record.expiry, psk };
    const opened = await openAccept(envelope, identity.k, guest.k, terms);
    await this.#welcome(envelope, record, terms, opened);
  }

  /** The inviter answers our answer. */
  async welcomed(envelope: WelcomeEnvelope): Promise<void> {
    const { store, contacts, identity } = this.#core;
    const contact = contacts.get(envelope.from);
    const accept = contact?.pending?.accept;
    if (contact?.state !== "invited" || accept == null || accept.invite !== envelope.invite) return;
    const { invite, expiry, psk, exported } = contact.pending!;
    const inviter = await parsePublicKey(decodeBase64url(contact.publicKey));
    if (isRefusal(envelope)) {
      await checkRefusal(envelope, identity.k, inviter.k, accept);
      await saveContact(this.#core, { ...contact, state: "refused", pending: null });
      return this.#core.record(`contact ${contact.fingerprint}`, { state: "refused" });
    }
    const own = contact.replyKeys[0]!;
    const keys = (await store.get("replyKeys", `${contact.fingerprint}/${own.id}`))!.keys!.pair!;
    const terms = { invite, expiry, psk: decodeBase64url(psk) };
    const guest = { replyKeyId: decodeBase64url(own.id), replyKey: keys };
    const opened = await openWelcome(envelope, guest, inviter.k, accept, terms);
    const pair = await pairPsk(
      terms,
      decodeBase64url(exported),
      opened.exported,
      contact.fingerprint,
      identity.fingerprint,
    );
    await this.#linked(
      {
        ...contact,
        pending: null,
        // The welcome was sealed to it, before any message.
        replyKeys: [{ ...own, reached: true, firstUse: 0 }],
      },
      opened.value,
      pair,
    );
  }

  async #welcome(
    accept: AcceptEnvelope,
    record: InviteRecord,
    terms: { readonly invite: string; readonly expiry: number; readonly psk: Uint8Array },
    opened: { readonly value: Greeting; readonly exported: Uint8Array },
  ): Promise<void> {
    const { identity, world, outbox, events } = this.#core;
    const own = await this.#replyKey();
    const theirs = { replyKeyId: opened.value.replyKeyId, replyKey: await importPoint(opened.value.replyKey) };
    const addresses = { id: encodeBase64url(world.random(idBytes)), from: identity.fingerprint, to: accept.from };
    const sealed = await sealWelcome(own.greeting, addresses, identity.k, theirs, accept, terms);
    const pair = await pairPsk(terms, opened.exported, sealed.exported, identity.fingerprint, accept.from);
    const welcome = { type: "welcome", ...addresses, invite: record.invite, encryptedMessage: sealed.value } as const;
    const sending = outbox.prepare({ envelope: welcome, messageKey: null });
    const used: InviteRecord = { ...record, secret: "", state: "used" };
    const { messages = 0, unread = 0 } = this.#core.contacts.get(accept.from) ?? {};
    const contact: ContactRecord = {
      // The history of a contact that is linked anew stays.
      ...{ ...newContact(accept.from), messages, unread, invitedAt: record.createdAt },
      publicKey: accept.publicKey,
      replyKeys: [{ id: own.id, issuedN: -1, issuedAt: world.clock.now(), firstUse: null, reached: false }],
    };
    await this.#linked(contact, opened.value, pair, [
      { table: "invites", put: { key: record.invite, data: used } },
      keyChange(accept.from, own),
      sending.change,
    ]);
    sending.queued();
    this.#core.record(`invite ${record.invite}`, { state: "used" });
    events.emit("invite", record.invite, "used", accept.from);
  }

  async #linked(contact: ContactRecord, greeting: Greeting, pair: Uint8Array, more: Change[] = []): Promise<void> {
    const { name, replyKeyId, replyKey } = greeting;
    const peerKey = { id: encodeBase64url(replyKeyId), point: encodeBase64url(replyKey), n: -1 };
    await importPoint(replyKey);
    const linked: ContactRecord = { ...contact, name, peerKey, pairPsk: encodeBase64url(pair), state: "linked" };
    await saveContact(this.#core, linked, more);
    this.#core.record(`contact ${contact.fingerprint}`, { state: "linked" });
  }

  async #refuse(accept: AcceptEnvelope, guest: Parameters<typeof sealRefusal>[2]): Promise<void> {
    const { identity, world, events } = this.#core;
    const addresses = { id: encodeBase64url(world.random(idBytes)), from: identity.fingerprint, to: accept.from };
    const encryptedMessage = await sealRefusal(addresses, identity.k, guest, accept);
    await this.#send({ type: "welcome", ...addresses, invite: accept.invite, encryptedMessage });
    events.emit("invite", accept.invite, "refused", accept.from);
  }

  async #send(envelope: AcceptEnvelope | WelcomeEnvelope): Promise<void> {
    const { store, outbox } = this.#core;
    const sending = outbox.prepare({ envelope, messageKey: null });
    await store.apply([sending.change]);
    sending.queued();
  }

  async #replyKey(): Promise<OwnReplyKey> {
    const { world, store, name } = this.#core;
    const pair = await generateHpkeKeys(store.extractableKeys);
    const replyKeyId = world.random(replyKeyIdBytes);
    const greeting = { replyKeyId, replyKey: await exportPoint(pair.publicKey), name: name() };
    return { id: encodeBase64url(replyKeyId), pair, greeting };
  }

  /** @returns how many are still open */
  async #dropExpired(now: number): Promise<number> {
    const rows = await this.#core.store.list("invites");
    const records = rows.map(({ data }) => data as unknown as InviteRecord);
    // Used and expired ones are remembered for a while, so that who comes too late is told.
    const old = records.filter(({ expiry }) => expiry + inviteMsMax < now);
    await this.#core.store.apply(old.map(({ invite }) => ({ table: "invites", remove: invite })));
    return records.filter(({ state, expiry }) => state === "open" && expiry > now).length;
  }

  #cannotOpen(contact: string): void {
    this.#core.events.emit("warning", "cannot-open", contact);
  }

  #failed(error: unknown): void {
    // Without a connection it is tried again on the next one.
    if (!(error instanceof MessengerError && error.code === "OFFLINE")) this.#core.events.emit("failed", error);
  }
}

interface OwnReplyKey {
  readonly id: string;
  readonly pair: WebKeyPair;
  readonly greeting: Greeting;
}

function keyChange(contact: string, { id, pair }: OwnReplyKey): Change {
  return { table: "replyKeys", put: { key: `${contact}/${id}`, data: null, keys: { pair } } };
}
