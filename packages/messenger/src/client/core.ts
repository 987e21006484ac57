import type { Identity } from "../protocol/index.js";
import type { Emitter } from "./emitter.js";
import type { Link } from "./link.js";
import type { Outbox } from "./outbox.js";
import type { ContactRecord } from "./records.js";
import type { Serial } from "./serial.js";
import type { MessengerEvents } from "./state.js";
import type { Change, ClientStore } from "./store.js";
import type { ClientWorld } from "./world.js";

/** What the parts of a messenger share. */
export interface Core {
  readonly world: ClientWorld;
  readonly store: ClientStore;
  readonly identity: Identity;
  readonly name: () => string;
  readonly link: Link;
  readonly outbox: Outbox;
  readonly events: Emitter<MessengerEvents>;
  /** Whatever changes a contact runs in here, one after another. */
  readonly serial: Serial;
  readonly contacts: Map<string, ContactRecord>;
  /** A change of state, for the state tree: what happened, in the row of whom. */
  record(row: string, message: Readonly<Record<string, unknown>>): void;
}

/** Stores a contact with whatever goes with it, in one transaction, then tells of it. */
export async function saveContact(core: Core, contact: ContactRecord, more: readonly Change[] = []): Promise<void> {
  await core.store.apply([{ table: "contacts", put: { key: contact.fingerprint, data: contact } }, ...more]);
  core.contacts.set(contact.fingerprint, contact);
  core.events.emit("contact", contact);
}
