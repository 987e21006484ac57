import type { MessageRecord, Messenger } from "messenger";
import type { Observable, State } from "./state.js";

const batch = 500;
const resultsMax = 100;

/** Looks through names and, because only this browser can read them, through every message here. */
export class Search {
  readonly #state: Observable<State>;
  /** The newest search: an earlier one ends when it is not that any more. */
  #current = 0;

  constructor(state: Observable<State>) {
    this.#state = state;
  }

  async run(messenger: Messenger, query: string): Promise<void> {
    const search = ++this.#current;
    const wanted = folded(query.trim());
    if (wanted === "") return this.#state.change({ found: null });
    const people = messenger.contacts.filter(({ name }) => folded(name).includes(wanted));
    const messages: MessageRecord[] = [];
    const show = (isDone: boolean) => {
      const newestFirst = [...messages].sort((a, b) => b.sentAt - a.sentAt);
      this.#state.change({ found: { query, people, messages: newestFirst, isDone } });
    };
    show(false);
    for (const { fingerprint } of messenger.contacts) {
      for (let before = Number.MAX_SAFE_INTEGER; before > 0 && messages.length < resultsMax; ) {
        const some = await messenger.history(fingerprint, { before: Math.min(before, 1e12 - 1), limit: batch });
        if (search !== this.#current) return;
        messages.push(...some.filter((message) => folded(textOf(message)).includes(wanted)));
        before = some.at(-1)?.order ?? 0;
        show(false);
      }
    }
    show(true);
  }
}

function textOf({ text, file }: MessageRecord): string {
  return file === undefined ? text : file.name;
}

/** Without case and accents. */
function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
