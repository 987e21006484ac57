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
export function saveContact(core: Core, contact: ContactRecord, more: readonly Change[] = []): Promise<void> {
  return saveContacts(core, [contact], more);
}

/** The same for several. */
export async function saveContacts(
  core: Core,
  contacts: readonly ContactRecord[],
  more: readonly Change[],
): Promise<void> {
  const puts = contacts.map((data): Change => ({ table: "contacts", put: { key: data.fingerprint, data } }));
  await core.store.apply([...puts, ...more]);
  for (const contact of contacts) {
    core.contacts.set(contact.fingerprint, contact);
    core.events.emit("contact", contact);
  }
}
