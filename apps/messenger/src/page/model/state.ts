import type { ContactRecord, LinkState, MessageRecord } from "messenger";
import type { Preferences } from "./preferences.js";

/** How far the bytes of a file are, in this tab. */
export interface Transfer {
  readonly phase: "waiting" | "running" | "done" | "failed";
  readonly bytes: number;
}

/** The part of a conversation that is shown: all messages between the first and the last. */
export interface OpenConversation {
  readonly contact: string;
  /** Oldest first. */
  readonly messages: readonly MessageRecord[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** The place in the history of the first one that was unread when the conversation was opened. */
  readonly unreadFrom: number | null;
  /** One that was looked for. */
  readonly found: number | null;
  readonly draft: string;
}

export interface Invited {
  readonly invite: string;
  readonly link: string;
}

export type Dialog =
  | { readonly kind: "invite"; readonly made: Invited | null }
  | { readonly kind: "accept"; readonly link: string | null }
  | { readonly kind: "contact"; readonly contact: string; readonly safetyNumber: string }
  | { readonly kind: "settings" }
  | { readonly kind: "about" };

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "plain" | "warning";
}

export interface Found {
  readonly query: string;
  readonly people: readonly ContactRecord[];
  readonly messages: readonly MessageRecord[];
  readonly isDone: boolean;
}

/** Everything that is on the screen. */
export interface State {
  readonly phase: "opening" | "welcome" | "ready" | "elsewhere" | "broken";
  /** Why it cannot start. */
  readonly problem: string;
  /** The link that the page was opened with. */
  readonly invitation: string | null;
  readonly name: string;
  readonly link: LinkState;
  readonly contacts: readonly ContactRecord[];
  /** The newest message with each contact. */
  readonly newest: ReadonlyMap<string, MessageRecord>;
  readonly conversation: OpenConversation | null;
  readonly dialog: Dialog | null;
  readonly notices: readonly Notice[];
  readonly found: Found | null;
  readonly transfers: ReadonlyMap<string, Transfer>;
  readonly preferences: Preferences;
}

/** A value that tells when it changes. */
export class Observable<Value extends object> {
  #value: Value;
  readonly #listeners = new Set<() => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  change(part: Partial<Value>): void {
    this.#value = { ...this.#value, ...part };
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A map with one entry more, or another one. */
export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}
